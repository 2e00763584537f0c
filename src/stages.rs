//! The rooms, in the order of flow. A room names no other room: they meet in artifacts.

pub mod dataset;
pub mod features;
pub mod fuse;
pub mod split;

pub mod diagnose;
pub mod embed;
pub mod generate;
pub mod train;

pub mod cluster;
pub mod metrics;
pub mod plots;
pub mod project;
pub mod retrieve;
