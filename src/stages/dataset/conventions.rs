//! What people call the columns of their tables and the files of their segments.

use crate::artifact::Part;

/// Columns that name a track or its file.
pub(super) const IDS: [&str; 11] =
    ["filename", "file_name", "track_id", "id", "file", "path", "filepath", "file_path", "audio", "song_id", "song"];
/// Columns of labels, the first that is there is taken.
pub(super) const LABELS: [&str; 11] = [
    "label",
    "genre",
    "genre_top",
    "track_genre_top",
    "category",
    "class",
    "mood",
    "style",
    "labels",
    "genres",
    "target",
];
/// Columns of what keeps tracks together in a split.
pub(super) const GROUPS: [&str; 6] = ["artist", "group", "artist_id", "artist_name", "vocal", "singer"];
/// Columns of the language of words.
pub(super) const LANGUAGES: [&str; 3] = ["language", "lang", "track_language_code"];
/// Columns of the side of a split that the makers of a dataset chose.
pub(super) const PARTS: [&str; 3] = ["split", "set_split", "partition"];

/// The side that a word of a split column means.
pub(super) fn part(word: &str) -> Option<Part> {
    match word.to_ascii_lowercase().as_str() {
        "train" | "training" => Some(Part::Train),
        "val" | "valid" | "validation" | "dev" => Some(Part::Validation),
        "test" | "testing" | "eval" | "evaluation" => Some(Part::Test),
        _ => None,
    }
}

/// The name without an ending such as `.wav`; `blues.00000` has none.
pub(super) fn without_ending(name: &str) -> &str {
    let is_ending = |ending: &str| {
        (1..=5).contains(&ending.len())
            && ending.chars().all(|c| c.is_ascii_alphanumeric())
            && ending.chars().any(|c| c.is_ascii_alphabetic())
    };
    name.rsplit_once('.').filter(|(stem, ending)| !stem.is_empty() && is_ending(ending)).map_or(name, |(stem, _)| stem)
}

/// `blues.00000.3` is segment 3 of `blues.00000`, as is `blues.00000_3`: segments of a track share its group.
pub(super) fn track_of_segment(id: &str) -> &str {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = |track: &str| {
        let number = track.bytes().rev().take_while(u8::is_ascii_digit).count();
        number >= 4 || (number > 0 && track[..track.len() - number].ends_with('.'))
    };
    match id.rsplit_once(['.', '_', '-']) {
        Some((track, segment)) if digits(segment) && segment.len() <= 3 && numbered(track) => track,
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_letters_after_a_dot() {
        let bare =
            ["a.wav", "blues.00000.wav", "blues.00000", "x/y.mp3", ".wav", "a.7z", "Mr. Brown"].map(without_ending);
        assert_eq!(bare, ["a", "blues.00000", "blues.00000", "x/y", ".wav", "a", "Mr. Brown"]);
    }

    #[test]
    fn segments_lead_to_their_track() {
        let tracks = ["blues.00000.3", "blues.00000", "pop00012_7", "000002", "song_12", "rock/rock.00001-10", "a.b.1"];
        let expected = ["blues.00000", "blues.00000", "pop00012", "000002", "song_12", "rock/rock.00001", "a.b.1"];
        assert_eq!(tracks.map(track_of_segment), expected);
    }

    #[test]
    fn words_of_a_split_are_known() {
        assert_eq!(["training", "Valid", "TEST"].map(part), [Part::Train, Part::Validation, Part::Test].map(Some));
        assert_eq!(part("fold1"), None);
    }
}
