//! What the set promises: sizes, groups, languages, missing words, and what genre says about the factors.

use super::*;
use crate::signal::synth::{FACTORS, render};

fn set(tracks_per_genre: usize) -> Synth {
    Synth { tracks_per_genre, seconds: 1.0, ..Synth::default() }
}

/// Mutual information of two factors, nats, less its bias under independence (Miller and Madow, 1955).
fn information(tracks: &[SynthTrack], a: usize, b: usize) -> f64 {
    let [rows, columns] = [a, b].map(|factor| FACTORS[factor].1 as usize);
    let mut table = vec![vec![0.0; columns]; rows];
    tracks.iter().for_each(|t| table[t.factors[a].1 as usize][t.factors[b].1 as usize] += 1.0);
    let total = tracks.len() as f64;
    let row = |at: usize| table[at].iter().sum::<f64>();
    let column = |at: usize| table.iter().map(|row| row[at]).sum::<f64>();
    let cells = (0..rows * columns).map(|cell| (cell / columns, cell % columns)).filter(|(r, c)| table[*r][*c] > 0.0);
    let plain: f64 = cells.map(|(r, c)| table[r][c] / total * (table[r][c] * total / row(r) / column(c)).ln()).sum();
    plain - (rows - 1) as f64 * (columns - 1) as f64 / (2.0 * total)
}

#[test]
fn the_example_is_the_default() {
    assert_eq!(toml::from_str::<Synth>(Synth::EXAMPLE).unwrap(), Synth::default());
    assert!(toml::from_str::<Synth>("control = true\nmode = \"independent\"").unwrap().control);
    assert!(toml::from_str::<Synth>("difficult = \"easy\"").is_err());
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let tracks = set(5).tracks();
    assert_eq!(tracks, set(5).tracks());
    let others = Synth { seed: 1, ..set(5) }.tracks();
    assert!(tracks.iter().zip(&others).all(|(track, other)| track.recipe != other.recipe));
    let [once, again, other] = [&tracks[7], &set(5).tracks()[7], &others[7]].map(|t| render(&t.recipe, 8000));
    assert!(once == again && once != other);
}

#[test]
fn every_genre_has_its_tracks_and_every_id_is_its_own() {
    let tracks = set(13).tracks();
    for (template, genre) in GENRES.iter().enumerate() {
        let of: Vec<&SynthTrack> = tracks.iter().filter(|track| track.genre == *genre).collect();
        assert_eq!(of.len(), 13);
        assert!(of.iter().all(|track| track.factors[0] == ("template", template as u32)));
    }
    let mut ids: Vec<&str> = tracks.iter().map(|track| track.id.as_str()).collect();
    ids.dedup();
    assert_eq!((ids.len(), ids[0]), (130, "synth.blues.00000"));
}

#[test]
fn artists_have_four_to_eight_tracks_of_one_genre_and_one_bias() {
    for tracks_per_genre in [4, 9, 11, 40] {
        let tracks = set(tracks_per_genre).tracks();
        for artist in tracks.chunk_by(|a, b| a.group == b.group) {
            assert!((4..=8).contains(&artist.len()), "{} of {tracks_per_genre}", artist.len());
            assert!(artist.iter().all(|t| t.genre == artist[0].genre && t.recipe.artist == artist[0].recipe.artist));
        }
    }
    assert_eq!(set(3).tracks().len(), 30);
}

#[test]
fn audio_is_finite_within_one_and_not_silent() {
    for track in set(4).tracks() {
        let audio = render(&track.recipe, 16_000);
        assert!(audio.iter().all(|v| v.is_finite() && v.abs() <= 1.0), "{}", track.id);
        assert!(audio.iter().any(|v| v.abs() > 0.01), "{} is silent", track.id);
    }
}

#[test]
fn lyrics_are_in_the_script_of_their_language() {
    let tracks = set(40).tracks();
    let bangla = tracks.iter().filter(|track| track.language == "bn").count();
    assert!((160..=240).contains(&bangla), "{bangla} of 400");
    for track in &tracks {
        let letters = || track.lyrics.iter().flat_map(|song| song.chars()).filter(|c| c.is_alphabetic());
        let in_script =
            |c: char| if track.language == "bn" { ('\u{980}'..='\u{9ff}').contains(&c) } else { c.is_ascii() };
        assert!(letters().all(in_script), "{:?}", track.lyrics);
    }
}

#[test]
fn lyrics_are_missing_as_often_as_asked() {
    let missing = |missing_lyrics| {
        let tracks = Synth { missing_lyrics, ..set(100) }.tracks();
        tracks.iter().filter(|track| track.lyrics.is_none()).count()
    };
    assert_eq!((missing(0.0), missing(1.0)), (0, 1000));
    assert!((250..350).contains(&missing(0.3)));
}

#[test]
fn independent_factors_say_nothing_about_each_other() {
    let tracks = Synth { mode: Mode::Independent, ..set(300) }.tracks();
    for (a, (one, _)) in FACTORS.iter().enumerate() {
        for (b, (other, _)) in FACTORS.iter().enumerate().skip(a + 1) {
            let nats = information(&tracks, a, b);
            assert!(nats.abs() < 0.01, "{one} and {other}: {nats}");
        }
    }
}

#[test]
fn natural_factors_follow_genre_and_the_control_follows_nothing() {
    let tracks = set(100).tracks();
    for factor in ["tempo", "timbre", "drums", "register", "loudness", "noise"] {
        let at = FACTORS.iter().position(|(name, _)| *name == factor).unwrap();
        assert!(information(&tracks, 0, at) > 0.05, "{factor}");
    }
    let control = Synth { control: true, ..set(100) }.tracks();
    let own = control.iter().filter(|track| GENRES[track.recipe.template as usize] == track.genre).count();
    assert!((60..140).contains(&own), "{own} of 1000 labels match the music");
}

#[test]
fn a_larger_set_begins_with_the_tracks_of_a_smaller_one() {
    let (small, large) = (set(8).tracks(), set(80).tracks());
    assert_eq!(small[0].lyrics, large[0].lyrics);
    assert_eq!(small[0].recipe.seed, large[0].recipe.seed);
}
