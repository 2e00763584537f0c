//! What some tracks find when they are looked for: a row a query, the most similar first.

use crate::plotting::svg::escape;

use super::{Neighbour, Neighbours};

/// Neighbours of one query that are shown.
const SHOWN: usize = 5;

/// The section; nothing without a query.
pub fn section(queries: &[Neighbours]) -> String {
    if queries.is_empty() {
        return String::new();
    }
    let most = queries.iter().map(|query| query.found.len().min(SHOWN)).max().unwrap_or(0);
    let places: String = (1..=most).map(|place| format!("<th scope=\"col\">{place}</th>")).collect();
    let rows: String = queries.iter().map(row).collect();
    format!(
        "<section class=\"card\" id=\"neighbours\"><h2>Neighbours</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"Neighbours\"><table><thead><tr><th scope=\"col\">track</th>{places}</tr></thead><tbody>{rows}</tbody>\
         </table></div><p class=\"note\">The most similar tracks by cosine; all are in artifacts/neighbours.csv.</p></section>"
    )
}

fn row(query: &Neighbours) -> String {
    let cells: String = query.found.iter().take(SHOWN).map(|found| cell(found, &query.query.label)).collect();
    format!("<tr><th scope=\"row\">{}</th>{cells}</tr>", name(&query.query))
}

/// Of another label than the query's: the name is marked.
fn cell(found: &Neighbour, wanted: &str) -> String {
    let similarity = if found.similarity.is_finite() { format!("{:.2}", found.similarity) } else { "–".to_string() };
    let name = if found.label == wanted { name(found) } else { format!("<i>{}</i>", name(found)) };
    format!("<td>{name} <small>{similarity}</small></td>")
}

/// A link to the sound where there is one: its path, percent-encoded.
fn name(track: &Neighbour) -> String {
    let label =
        if track.label.is_empty() { String::new() } else { format!(" <small>{}</small>", escape(&track.label)) };
    match &track.audio {
        Some(path) => format!("<a href=\"{}\">{}</a>{label}", address(path), escape(&track.id)),
        None => format!("{}{label}", escape(&track.id)),
    }
}

/// Letters, digits and what separates folders stay; every other byte is written as `%` and two digits.
fn address(path: &str) -> String {
    let byte = |byte: u8| match byte {
        b'/' | b'.' | b'_' | b'-' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    path.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(id: &str, label: &str, similarity: f64, audio: Option<&str>) -> Neighbour {
        Neighbour { id: id.into(), label: label.into(), similarity, audio: audio.map(str::to_owned) }
    }

    #[test]
    fn what_is_of_another_label_is_marked_and_sound_is_linked_to() {
        let found = vec![track("b", "jazz", 0.987, Some("../a b.wav")), track("c", "pop", 0.5, None)];
        let page = section(&[Neighbours { query: track("a", "jazz", 1.0, None), found }]);
        assert!(page.contains("<a href=\"../a%20b.wav\">b</a> <small>jazz</small> <small>0.99</small>"), "{page}");
        assert!(page.contains("<i>c <small>pop</small></i> <small>0.50</small>"), "{page}");
        assert!(section(&[]).is_empty());
    }

    #[test]
    fn no_address_leaves_its_attribute() {
        assert_eq!(address("javascript:\"x\""), "javascript%3A%22x%22");
    }
}
