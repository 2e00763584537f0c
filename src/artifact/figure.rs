//! A picture, drawn twice, with the data behind it.

use crate::engine::{Artifact, BoxError, Files};

/// A plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The drawing, text as outlines: no font is needed to show it.
    pub svg: String,
    /// The same as pixels.
    pub png: Vec<u8>,
    /// What is drawn, as JSON.
    pub data: serde_json::Value,
}

impl Figure {
    /// A picture that does not apply to this data, and why.
    pub fn not_drawn(why: &str) -> Figure {
        Figure { svg: String::new(), png: Vec::new(), data: serde_json::json!({ "not_drawn": why }) }
    }

    /// Whether there is a picture.
    pub fn is_drawn(&self) -> bool {
        !self.svg.is_empty()
    }
}

impl Artifact for Figure {
    fn save(&self) -> Result<Files, BoxError> {
        let files = Files::new().with("figure.svg", self.svg.as_bytes()).with("figure.png", self.png.clone());
        files.with_json("figure.json", &self.data)
    }

    fn load(files: &Files) -> Result<Figure, BoxError> {
        let svg = String::from_utf8(files.bytes("figure.svg")?.to_vec())?;
        Ok(Figure { svg, png: files.bytes("figure.png")?.to_vec(), data: files.json("figure.json")? })
    }
}
