//! The binary as its users meet it, and the rules of the house.

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
#[path = "e2e/real_files.rs"]
mod real_files;
#[path = "e2e/repeat.rs"]
mod repeat;
#[path = "e2e/shipped.rs"]
mod shipped;
#[path = "e2e/tidy.rs"]
mod tidy;
