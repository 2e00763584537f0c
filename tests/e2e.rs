//! The binary as its users meet it, and the rules of the house.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "e2e/broken.rs"]
mod broken;
#[path = "e2e/calibration.rs"]
mod calibration;
#[path = "e2e/collapse.rs"]
mod collapse;
#[path = "e2e/conformance.rs"]
mod conformance;
#[path = "e2e/desk.rs"]
mod desk;
#[path = "e2e/durable.rs"]
mod durable;
#[path = "e2e/export.rs"]
mod export;
#[path = "e2e/generate.rs"]
mod generate;
#[path = "e2e/learning.rs"]
mod learning;
#[path = "e2e/lyrics.rs"]
mod lyrics;
#[path = "e2e/real_files.rs"]
mod real_files;
#[path = "e2e/recommend.rs"]
mod recommend;
#[path = "e2e/refine.rs"]
mod refine;
#[path = "e2e/repeat.rs"]
mod repeat;
#[path = "e2e/resume.rs"]
mod resume;
#[path = "e2e/sentences.rs"]
mod sentences;
#[path = "e2e/shipped.rs"]
mod shipped;
#[path = "e2e/tidy.rs"]
mod tidy;
#[path = "e2e/torch.rs"]
mod torch;
#[path = "e2e/trained.rs"]
mod trained;
#[path = "e2e/words.rs"]
mod words;
