//! `runner`: one TOML file in, a finished, cached, reproducible music experiment out.
//!
//! # The house
//!
//! Seven floors. A module names only modules on floors below its own, and rooms of one floor never name each other:
//! they meet in the artifacts they pass on. A test (`tests/e2e/tidy.rs`) holds this.
//!
//! ```text
//!  6  cli          words typed by people: one file a command, progress, problems with carets
//!  5  experiment   TOML -> Experiment -> Plan: the whole pipeline on one page; run folders are written here
//!     report       run folders -> tables, one run -> one HTML page
//!  4  stages       dataset > features > fuse > split > train > embed > diagnose > cluster > metrics > project > generate >
//!                  retrieve > plots
//!  3  model        objectives and networks, shared by train, embed and diagnose
//!  2  artifact     what flows between rooms: Corpus, FeatureTable, Weights, Latents, Scores, Figure ...
//!  1  engine       Stage, Key, Plan, Cache, walk, run folder; knows no music
//!  0  signal  neural  stats  text  plotting      mathematics on arrays; knows no files, no experiments
//!     random  wide  product    the one source of randomness; loops for wide registers; the matrix product: below all
//! ```
//!
//! # Invariants
//!
//! - *The engine knows no music.* It sees stages, settings as JSON, and files.
//! - *What is in a stage's struct counts, what is skipped does not.* A key is the hash of the serialised struct; there is no
//!   key function to forget a field in. Device, threads, names and places of files are not serialised.
//! - *A handle serialises as its key*, so keys chain by themselves and a cycle cannot be written.
//! - *Only a miss can write.* `Cache::lookup` gives a result or the one right to publish it; nothing published is replaced.
//! - *Every byte read from the cache has been hashed.* There is no other way to read it.
//! - *Rooms never print.* They report through the context; only `cli` draws.
//! - *Kinds never see the engine.* They are algorithms on arrays that can be read, tested and measured alone; only a room's
//!   door knows both sides.
//! - *There is one generator of random numbers*, a function of (seed, stream name, step, index). candle's own, which cannot
//!   be seeded on the CPU, is used nowhere.
//! - *No sum depends on the number of threads.* Parallel work is cut into fixed pieces that are merged in order.
//! - *A number never stands alone*: baselines, chance and an interval stand beside it, and a card says what it is.
//!
//! # To add a kind
//!
//! Write one file with the settings struct, its `EXAMPLE`, its trait and its tests, and add one line to the room's table.
//! Parsing, error messages, `runner kinds`, the schema, cache keys and the conformance tests follow from that line.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// Below all.
mod product;
pub mod random;
mod wide;

// Floor 0: mathematics.
pub mod neural;
pub mod plotting;
pub mod signal;
pub mod stats;
pub mod text;

// Floor 1 to 4: the engine, what flows, what learns, what is done.
pub mod engine;

pub mod artifact;

pub mod model;

pub mod stages;

// Floor 5 and 6: the pipeline, looking back, and words.
pub mod experiment;
pub mod report;

pub use experiment::{Recommendation, Recommender};

pub mod cli;
