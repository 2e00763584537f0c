//! Looking back: run folders become tables, one run becomes one page.

pub mod diff;
pub mod page;
pub mod runs;
pub mod status;
pub mod table;
