//! Walks of toy stages that count their runs.

mod agree;
mod cutoff;
mod damage;
mod failing;
mod interrupt;
mod kill;
mod race;
mod toys;
