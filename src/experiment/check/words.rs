//! The words of the messages: what was found, what belongs there, which name was meant.
//! Names are compared by the Damerau-Levenshtein distance: Damerau, "A technique for computer detection and correction of spelling errors" (1964).

use toml::de::DeValue;

use super::shape::{Bounds, Kinds, Shape};

const LONGEST_NAME_SHOWN: usize = 40;
const MOST_NAMES_SHOWN: usize = 24;

/// What was found, in plain words.
pub fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// What belongs at a place, in plain words.
pub fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Table(_) => "a table".to_owned(),
        Shape::Kinds(kinds) => one_of(kinds),
        Shape::List { .. } => "a list".to_owned(),
        Shape::Whole { .. } => "a whole number".to_owned(),
        Shape::Number { .. } => "a number".to_owned(),
        Shape::Text { .. } => "a string".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Either(shapes) => shapes.iter().map(expected).collect::<Vec<_>>().join(" or "),
        Shape::Anything | Shape::Named(_) => "a value".to_owned(),
    }
}

fn one_of(kinds: &Kinds) -> String {
    let names = kinds.names();
    let noun = if kinds.tagged.is_empty() { "" } else { "a kind, " };
    match names.as_slice() {
        [only] => format!("{noun}\"{only}\""),
        _ if kinds.tagged.is_empty() => format!("one of {}", listed(&names)),
        _ => format!("a kind (one of {})", listed(&names)),
    }
}

/// A range in words: `from 1 to 4096`, `at least 1`, `above 0 and at most 1`.
pub fn range(bounds: &Bounds) -> String {
    if let Bounds { min: Some(min), max: Some(max), .. } = bounds {
        return format!("from {min} to {max}");
    }
    let parts = [("at least", bounds.min), ("above", bounds.above), ("at most", bounds.max), ("below", bounds.below)];
    let said = parts.iter().filter_map(|(word, bound)| bound.map(|bound| format!("{word} {bound}")));
    said.collect::<Vec<_>>().join(" and ")
}

/// A count of items in words: `at least 1 item`, `2 items`.
pub fn amount(least: usize, most: usize, noun: &str) -> String {
    let plural = |count: usize| if count == 1 { noun.to_owned() } else { format!("{noun}s") };
    match (least, most) {
        (least, most) if least == most => format!("{least} {}", plural(least)),
        (least, usize::MAX) => format!("at least {least} {}", plural(least)),
        (0, most) => format!("at most {most} {}", plural(most)),
        (least, most) => format!("{least} to {most} {}", plural(most)),
    }
}

/// Names in a row; a long row is cut.
pub fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(MOST_NAMES_SHOWN).map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMES_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `a`, `a or b`, `a, b or c`.
pub fn either(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// A name that came from outside, in backquotes: control characters escaped, cut where it is too long to read.
pub fn quoted(name: &str) -> String {
    let visible =
        |letter: char| if letter.is_control() { letter.escape_default().collect() } else { letter.to_string() };
    let shown: String = name.chars().take(LONGEST_NAME_SHOWN).map(visible).collect();
    let ellipsis = if name.chars().nth(LONGEST_NAME_SHOWN).is_some() { "..." } else { "" };
    format!("`{shown}{ellipsis}`")
}

/// The candidate that was probably meant by `name`, if any is near: a third of its letters may differ, or it is a beginning.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.chars().count() > LONGEST_NAME_SHOWN {
        return None;
    }
    let typed = folded(name);
    let ranked = candidates.into_iter().filter_map(|candidate| Some((rank(&typed, &folded(candidate))?, candidate)));
    ranked.min().map(|(_, candidate)| candidate)
}

/// How far a candidate is from what was typed; `None` is too far to be meant.
fn rank(typed: &str, candidate: &str) -> Option<usize> {
    let distance = strsim::damerau_levenshtein(typed, candidate);
    let longest = typed.chars().count().max(candidate.chars().count());
    let begins =
        typed.len().min(candidate.len()) >= 3 && (candidate.starts_with(typed) || typed.starts_with(candidate));
    match distance <= longest / 3 {
        true => Some(distance),
        false => begins.then_some(longest),
    }
}

/// Case and the choice of hyphen, blank or underscore do not make another name.
fn folded(name: &str) -> String {
    let plain = |letter: char| if matches!(letter, '-' | ' ') { '_' } else { letter };
    name.chars().flat_map(char::to_lowercase).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_finds_its_name() {
        let names = ["beta", "latent_dim", "batch", "k", "learning_rate"];
        let meant = |name| nearest(name, names);
        assert_eq!(meant("bta"), Some("beta"));
        assert_eq!(meant("abtch"), Some("batch"));
        assert_eq!(meant("latent-Dim"), Some("latent_dim"));
        assert_eq!(meant("latent"), Some("latent_dim"));
        assert_eq!(meant("n"), None);
        assert_eq!(meant("momentum"), None);
        assert_eq!(nearest(&"x".repeat(1 << 20), names), None);
    }

    #[test]
    fn ranges_read_as_a_person_says_them() {
        let none = Bounds::default();
        assert_eq!(range(&Bounds { min: Some(1.0), max: Some(4096.0), ..none }), "from 1 to 4096");
        assert_eq!(range(&Bounds { min: Some(0.1), ..none }), "at least 0.1");
        assert_eq!(range(&Bounds { above: Some(0.0), max: Some(1.0), ..none }), "above 0 and at most 1");
        assert_eq!(amount(1, usize::MAX, "item"), "at least 1 item");
        assert_eq!(amount(2, 2, "item"), "2 items");
    }

    #[test]
    fn names_from_outside_cannot_reach_the_terminal() {
        assert_eq!(quoted("a\u{1b}[31m"), "`a\\u{1b}[31m`");
        assert_eq!(quoted(&"x".repeat(99)), format!("`{}...`", "x".repeat(40)));
    }
}
