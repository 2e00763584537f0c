//! What every picture must be, for the tests of the kinds: well-formed, without text elements or lost numbers, repeatable.

use crate::plotting::{Caption, Drawing};

/// A caption with characters that must be escaped, and Bangla.
pub fn caption() -> Caption {
    Caption {
        title: "Latent space </title><img src=x onerror=alert(1)> & বাংলা গান".into(),
        n: 400,
        seed: 7,
        metric: Some("ARI 0.41 [0.35, 0.47]".into()),
        synthetic: true,
        of_one: None,
    }
}

/// `count` names, the first of them hostile and Bangla.
pub fn names(count: usize) -> Vec<String> {
    let odd = ["</svg><script>alert(1)</script>", "রবীন্দ্রসঙ্গীত", "-1", ""].map(String::from);
    odd.into_iter().chain((0..).map(|i| format!("class {i:03}"))).take(count).collect()
}

/// Fails unless `drawing` is sound.
pub fn assert_sound(drawing: &Drawing) {
    let svg = &drawing.svg;
    let tree = resvg::usvg::Tree::from_str(svg, &resvg::usvg::Options::default()).expect("well-formed");
    for forbidden in ["<text", "NaN", "inf ", "inf\"", "<script", "<img", "\u{0}"] {
        assert!(!svg.contains(forbidden), "{forbidden}");
    }
    assert!(svg.starts_with("<svg") && svg.contains("<title>") && svg.contains("<desc>"));
    assert_eq!(drawing.png[..8], *b"\x89PNG\r\n\x1a\n");
    let map = resvg::tiny_skia::Pixmap::decode_png(&drawing.png).expect("the PNG decodes");
    assert_eq!(map.width(), 2 * tree.size().width() as u32);
    assert!(drawing.data["caption"]["n"] == 400);
}
