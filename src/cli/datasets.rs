//! Known datasets: how large, under which licence, where from, where to put them, and what reads them today.
//! Nothing is ever downloaded; `data/README.md` holds the same table, and a test holds the two together.

use super::output::Paint;
use serde::Serialize;

/// One dataset.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub what: &'static str,
    /// How large it is.
    pub size: &'static str,
    /// Under which licence.
    pub licence: &'static str,
    /// Where it comes from.
    pub link: &'static str,
    /// Where to put it.
    pub place: &'static str,
    /// What reads it.
    pub read_by: &'static str,
}

/// All of them.
pub const KNOWN: [Known; 13] = [
    Known {
        name: "Built-in synthetic set",
        what: "ten genres of procedural audio, English and Bangla lyrics, the factors behind each track",
        size: "any; 400 tracks of 6 s by default",
        licence: "that of this project",
        link: "none needed",
        place: "nowhere; `runner data synth DIR` writes it as files",
        read_by: "[dataset.synth]",
    },
    Known {
        name: "GTZAN",
        what: "1,000 excerpts of 30 s, 10 genres, WAV 22,050 Hz mono; jazz.00054 is unreadable in the usual copy, \
               and there are repeats and wrong labels (Sturm, arXiv:1306.1461)",
        size: "1.2 GB",
        licence: "unknown: commercial recordings; do not redistribute",
        link: "https://www.kaggle.com/datasets/andradaolteanu/gtzan-dataset-music-genre-classification",
        place: "data/raw/gtzan/GENRE/GENRE.NNNNN.wav (Kaggle's genres_original)",
        read_by: "[dataset.folder]",
    },
    Known {
        name: "GTZAN feature tables",
        what: "librosa statistics of the same excerpts: features_30_sec.csv (1 row a track), features_3_sec.csv (10)",
        size: "under 20 MB",
        licence: "unknown; do not redistribute",
        link: "https://www.kaggle.com/datasets/andradaolteanu/gtzan-dataset-music-genre-classification",
        place: "data/raw/gtzan/features_30_sec.csv",
        read_by: "[dataset.features]",
    },
    Known {
        name: "FMA small",
        what: "8,000 clips of 30 s, 8 balanced genres, MP3",
        size: "7.2 GiB",
        licence: "each track under the Creative Commons licence its artist chose; metadata CC BY 4.0",
        link: "https://github.com/mdeff/fma",
        place: "data/raw/fma/fma_small/000/000002.mp3",
        read_by: "[dataset.fma] (with FMA metadata beside it)",
    },
    Known {
        name: "FMA medium",
        what: "25,000 clips of 30 s, 16 unbalanced genres, MP3",
        size: "22 GiB",
        licence: "each track under the Creative Commons licence its artist chose; metadata CC BY 4.0",
        link: "https://github.com/mdeff/fma",
        place: "data/raw/fma/fma_medium/000/000002.mp3",
        read_by: "[dataset.fma] (with FMA metadata beside it)",
    },
    Known {
        name: "FMA large",
        what: "106,574 clips of 30 s, 161 unbalanced genres, MP3",
        size: "93 GiB",
        licence: "each track under the Creative Commons licence its artist chose; metadata CC BY 4.0",
        link: "https://github.com/mdeff/fma",
        place: "data/raw/fma/fma_large/000/000002.mp3",
        read_by: "[dataset.fma] (with FMA metadata beside it)",
    },
    Known {
        name: "FMA metadata",
        what: "tracks.csv, genres.csv (three-row headers), 518 librosa statistics of every track in features.csv",
        size: "342 MiB",
        licence: "CC BY 4.0",
        link: "https://github.com/mdeff/fma",
        place: "data/raw/fma/fma_metadata/tracks.csv",
        read_by: "[dataset.fma]; with statistics = true its features.csv in place of the clips",
    },
    Known {
        name: "Million Song Dataset",
        what: "features and metadata of a million songs as HDF5, no audio; a subset of 10,000 songs",
        size: "280 GB; the subset 1.8 GB",
        licence: "for research; terms on the site",
        link: "http://millionsongdataset.com/",
        place: "data/raw/msd",
        read_by: "not yet: no dataset kind reads HDF5",
    },
    Known {
        name: "musiXmatch",
        what: "lyrics of 237,662 songs of the Million Song Dataset as counts of 5,000 words (210,519 train, 27,143 test)",
        size: "under 100 MB zipped",
        licence: "for academic research only; terms on the site",
        link: "http://millionsongdataset.com/musixmatch/",
        place: "data/raw/musixmatch/mxm_dataset_train.txt",
        read_by: "[dataset.musixmatch]; labels = \"FILE.csv\" (columns track_id and genre) adds labels",
    },
    Known {
        name: "Bangla song lyrics",
        what: "about 1,500 Bangla songs in 13 categories (one file each), in Bangla script; its files have no header: five \
               fields title, lyrics, vocal, album and a number, with ; between and ' around them",
        size: "a few MB",
        licence: "none stated; lyrics are copyrighted, do not redistribute",
        link: "https://github.com/imranhasanhira/bangla-song-lyrics",
        place: "data/raw/bangla_lyrics.csv, one table with columns category, title, lyrics, vocal",
        read_by: "[dataset.lyrics]; its own files with delimiter, quote and names",
    },
    Known {
        name: "BanglaMusicStylo",
        what: "2,824 Bangla lyrics by 211 lyricists (Hossain and Al Marouf, ICBSLP 2018)",
        size: "a few MB",
        licence: "ask its authors",
        link: "https://research.daffodilvarsity.edu.bd/details/69",
        place: "data/raw/lyrics_bangla_stylo",
        read_by: "[dataset.lyrics], as a table with a column of lyrics or a folder of .txt files",
    },
    Known {
        name: "musicmood (English lyrics)",
        what: "1,000 English songs of the Million Song Dataset with genre and mood (happy, sad)",
        size: "a few MB",
        licence: "repository GPL-3.0; lyrics are copyrighted, do not redistribute",
        link: "https://github.com/rasbt/musicmood",
        place: "data/raw/english_lyrics.csv, one table with columns file, artist, title, lyrics, genre, mood",
        read_by: "[dataset.lyrics]; label = \"mood\" for the moods",
    },
    Known {
        name: "WASABI (English and other lyrics)",
        what: "metadata of two million songs, annotations of 1.73 million lyrics; not the words themselves",
        size: "see the link",
        licence: "see the link; the words themselves are copyrighted",
        link: "https://github.com/micbuffa/WasabiDataset",
        place: "data/raw/wasabi",
        read_by: "nothing: it has no words of its own",
    },
];

/// The list for people.
pub fn text(paint: Paint) -> String {
    let one = |known: &Known| {
        let lines = [
            ("what", known.what),
            ("size", known.size),
            ("licence", known.licence),
            ("from", known.link),
            ("put it", known.place),
            ("read by", known.read_by),
        ];
        let lines: String = lines.map(|(name, text)| format!("  {name:<8} {text}\n")).concat();
        format!("{}\n{lines}", paint.bold(known.name))
    };
    KNOWN.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of `data/README.md`.
    fn markdown() -> String {
        let row = |known: &Known| {
            let link = if known.link.starts_with("http") { format!("<{}>", known.link) } else { known.link.to_owned() };
            let Known { name, what, size, licence, place, read_by, .. } = known;
            format!("| {name} | {what} | {size} | {licence} | {link} | {place} | {read_by} |\n")
        };
        let header = "| dataset | what | size | licence | from | put it | read by |\n| --- | --- | --- | --- | --- | --- | --- |\n";
        header.to_owned() + &KNOWN.iter().map(row).collect::<String>()
    }

    #[test]
    fn the_readme_of_data_holds_the_same_table() {
        let readme = include_str!("../../data/README.md");
        assert!(readme.contains(&markdown()), "put this table into data/README.md:\n{}", markdown());
    }

    #[test]
    fn what_is_said_to_read_a_dataset_is_a_kind() {
        let kinds: Vec<&str> = crate::experiment::kinds()
            .into_iter()
            .filter(|(room, ..)| *room == "dataset")
            .flat_map(|(.., kinds)| kinds.iter().map(|kind| kind.name))
            .collect();
        let tag = |known: &Known| Some(known.read_by.split_once("[dataset.")?.1.split_once(']')?.0);
        let unknown: Vec<&str> = KNOWN.iter().filter_map(tag).filter(|tag| !kinds.contains(tag)).collect();
        assert!(unknown.is_empty(), "{unknown:?} are no dataset kinds");
    }

    #[test]
    fn the_list_names_every_dataset() {
        let text = text(Paint::none());
        assert!(KNOWN.iter().all(|known| text.contains(known.name) && text.contains(known.link)));
    }
}
