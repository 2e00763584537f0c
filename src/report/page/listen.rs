//! The clips of the page: what was generated beside what is real, class by class, each with its picture and a player.
//!
//! The players are the browser's own: they work with the keyboard, without a script and from disk. The script adds that one
//! falls silent when another begins.

use crate::plotting::svg::escape;

use super::Sound;

const NOTE: &str = "Real clips beside are the ceiling: what is lost between a real track and the same through the vocoder is not the \
     model's fault. Pictures share one scale, dB below the loudest band; low frequencies are at the bottom.";

/// The section; nothing without a clip.
pub fn section(sounds: &[Sound]) -> String {
    if sounds.is_empty() {
        return String::new();
    }
    let groups: String = sounds.chunk_by(|a, b| a.class == b.class).map(group).collect();
    format!(
        "<section id=\"listen\"><h2>Listen</h2><p class=\"note\">{NOTE}</p><div class=\"card listen\">{groups}</div></section>"
    )
}

fn group(sounds: &[Sound]) -> String {
    let class = if sounds[0].class.is_empty() { "of no class" } else { &sounds[0].class };
    let clips: String = sounds.iter().map(clip).collect();
    format!("<section><h3>{}</h3><ul>{clips}</ul></section>", escape(class))
}

fn clip(sound: &Sound) -> String {
    let (name, what, detail) = (escape(&sound.name), escape(&sound.what), escape(&sound.detail));
    let audio = address(&sound.audio);
    format!(
        "<li class=\"{}\">{}<p><b>{what}</b> <span>{name}</span></p><p class=\"note\">{detail}</p>\
         <audio controls preload=\"none\" aria-label=\"{what}: {name}\" src=\"{audio}\"></audio></li>",
        if sound.is_real { "real" } else { "made" },
        picture(sound)
    )
}

/// The picture is stretched to the width of its place, as spectrograms are.
fn picture(sound: &Sound) -> String {
    if sound.picture.is_empty() {
        return String::new();
    }
    format!(
        "<svg role=\"img\" viewBox=\"0 0 128 64\" preserveAspectRatio=\"none\" aria-label=\"Spectrogram of {}: time to the right, \
         frequency upwards\"><image href=\"{}\" width=\"128\" height=\"64\" preserveAspectRatio=\"none\"/></svg>",
        escape(&sound.name),
        escape(&sound.picture)
    )
}

/// A path may hold letters that mean something in an address; a `data:` address is one already.
fn address(audio: &str) -> String {
    if audio.starts_with("data:audio/") {
        return escape(audio);
    }
    let coded = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b'~' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    // A colon would end the name of a scheme; coded it ends none.
    audio.as_bytes().iter().map(coded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(class: &str, what: &str, audio: &str) -> Sound {
        Sound {
            class: class.into(),
            what: what.into(),
            name: "jazz_00".into(),
            detail: "draw 0".into(),
            picture: "data:image/png;base64,AAAA".into(),
            audio: audio.into(),
            is_real: what == "real",
        }
    }

    #[test]
    fn clips_stand_by_class_with_a_player_and_words_for_the_picture() {
        let sounds = [
            sound("jazz", "generated", "artifacts/audio/jazz_00.wav"),
            sound("jazz", "real", "data:audio/wav;base64,UklG"),
            sound("rock", "generated", "../data/a b#1.wav"),
        ];
        let html = section(&sounds);
        assert_eq!((html.matches("<h3>").count(), html.matches("<audio controls").count()), (2, 3));
        assert_eq!(html.matches("role=\"img\"").count(), html.matches("aria-label=\"Spectrogram of jazz_00").count());
        assert!(html.contains("src=\"data:audio/wav;base64,UklG\"") && html.contains("src=\"../data/a%20b%231.wav\""));
        assert_eq!(section(&[]), "");
    }

    #[test]
    fn no_path_becomes_another_address() {
        for path in ["javascript:alert(1)", "https://x.y/z.wav", "data:text/html,x", "\" onerror=\"alert(1)"] {
            let address = address(path);
            assert!(!address.contains([':', '"', '<', ' ']), "{address}");
        }
    }
}
