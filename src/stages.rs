//! The rooms, in the order of flow. A room names no other room: they meet in artifacts.

pub mod dataset;
pub mod features;
pub mod split;

pub mod train;
pub mod embed;
pub mod diagnose;

pub mod cluster;
pub mod metrics;
pub mod project;
pub mod plots;
