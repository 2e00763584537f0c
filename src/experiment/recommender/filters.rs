//! Which songs may be recommended.

use super::RecommendError;
use crate::artifact::Song;
use std::collections::BTreeSet;

/// What is left out of a recommendation. The queries themselves are left out by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Only songs of these genres; all if empty.
    pub genres: Vec<String>,
    /// No songs of these artists.
    pub not_artists: Vec<String>,
    /// No songs of the queries' own artists, where they are known.
    pub other_artists: bool,
    /// The queries themselves may be found, too.
    pub keep_query: bool,
}

/// Filters worked out for some songs.
pub(super) struct Allowed<'a> {
    songs: &'a [Song],
    genres: BTreeSet<&'a str>,
    artists: BTreeSet<&'a str>,
    queries: BTreeSet<usize>,
}

impl<'a> Allowed<'a> {
    /// `queries` are the rows of songs that are asked with.
    ///
    /// # Errors
    /// A genre or an artist that no song has.
    pub fn of(filters: &'a Filters, songs: &'a [Song], queries: &[usize]) -> Result<Allowed<'a>, RecommendError> {
        let genres: BTreeSet<&str> = songs.iter().filter_map(|song| song.label.as_deref()).collect();
        let artists: BTreeSet<&str> = songs.iter().map(|song| song.group.as_str()).collect();
        known("genre", &filters.genres, &genres)?;
        known("artist", &filters.not_artists, &artists)?;
        let own = queries.iter().filter(|_| filters.other_artists).map(|row| songs[*row].group.as_str());
        Ok(Allowed {
            songs,
            genres: filters.genres.iter().map(String::as_str).collect(),
            artists: filters.not_artists.iter().map(String::as_str).chain(own).collect(),
            queries: queries.iter().copied().filter(|_| !filters.keep_query).collect(),
        })
    }

    /// Whether the song in this row may be found.
    pub fn row(&self, row: usize) -> bool {
        let song = &self.songs[row];
        let fits = self.genres.is_empty() || song.label.as_deref().is_some_and(|label| self.genres.contains(label));
        fits && !self.artists.contains(song.group.as_str()) && !self.queries.contains(&row)
    }
}

fn known(what: &'static str, asked: &[String], there: &BTreeSet<&str>) -> Result<(), RecommendError> {
    let Some(name) = asked.iter().find(|name| !there.contains(name.as_str())) else { return Ok(()) };
    let distance = |other: &&&str| strsim::damerau_levenshtein(name, other);
    let nearest =
        there.iter().min_by_key(distance).map_or_else(String::new, |near| format!(": did you mean {near:?}?"));
    Err(RecommendError::Unknown { what, name: name.clone(), nearest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn songs() -> Vec<Song> {
        let song = |id: &str, label: &str, group: &str| Song {
            id: id.to_owned(),
            path: String::new(),
            label: Some(label.to_owned()),
            group: group.to_owned(),
        };
        vec![song("a", "jazz", "x"), song("b", "jazz", "y"), song("c", "pop", "x"), song("d", "pop", "z")]
    }

    fn allowed(filters: &Filters, queries: &[usize]) -> Vec<usize> {
        let songs = songs();
        let allowed = Allowed::of(filters, &songs, queries).unwrap();
        (0..4).filter(|row| allowed.row(*row)).collect()
    }

    #[test]
    fn each_filter_leaves_out_what_it_says() {
        let with = |change: fn(&mut Filters)| {
            let mut filters = Filters::default();
            change(&mut filters);
            filters
        };
        assert_eq!(allowed(&Filters::default(), &[0]), [1, 2, 3]);
        assert_eq!(allowed(&with(|f| f.keep_query = true), &[0]), [0, 1, 2, 3]);
        assert_eq!(allowed(&with(|f| f.other_artists = true), &[0]), [1, 3]);
        assert_eq!(allowed(&with(|f| f.genres = vec!["jazz".into()]), &[0]), [1]);
        assert_eq!(allowed(&with(|f| f.not_artists = vec!["z".into()]), &[]), [0, 1, 2]);
    }

    #[test]
    fn a_name_that_no_song_has_is_told_with_the_nearest() {
        let songs = songs();
        let filters = Filters { genres: vec!["jaz".to_owned()], ..Filters::default() };
        let said = Allowed::of(&filters, &songs, &[]).err().unwrap().to_string();
        assert_eq!(said, "no song has the genre \"jaz\": did you mean \"jazz\"?");
    }
}
