//! A label map: a table beside the files that says which label (artist, language, title, side of a split) each has.
//! A row names its file by path below the root, by file name or by stem; labels stand in one column, or one-hot in
//! several (`get_dummies` of pandas, `to_categorical` of Keras with names).

mod one_hot;

use super::conventions::{IDS, without_ending};
use super::facts::{FactColumns, Facts};
use super::sheet::{Row, Sheet, TableError};
use std::collections::BTreeMap;

/// Columns that name a file in a map and are no track of a table of features.
const NAMES: [&str; 4] = ["name", "stem", "key", "clip"];

/// What a map says of each file that it names.
#[derive(Debug)]
pub(super) struct LabelMap {
    entries: Vec<Entry>,
    /// Every way to name a file, and the entries that it may mean.
    names: BTreeMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Entry {
    file: String,
    facts: Facts,
}

/// Which files and which rows belong together.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// What is said of each file, in the order of the files.
    pub facts: Vec<Option<Facts>>,
    /// Files that rows name and that are not there.
    pub without_file: Vec<String>,
}

impl LabelMap {
    /// The map in `bytes`; `label` is the column of the label if the user named one.
    pub(super) fn read(bytes: &[u8], label: Option<&str>) -> Result<LabelMap, TableError> {
        let sheet = Sheet::read(bytes)?;
        let key = sheet.find(&IDS).or_else(|| sheet.find(&NAMES)).unwrap_or(0);
        let columns = FactColumns::find(&sheet, label, None, Some(key))?;
        let two = || (sheet.header.len() == 2).then_some(1 - key.min(1));
        let labels: Vec<Option<String>> = match columns.label.or_else(two) {
            Some(column) => sheet.rows.iter().map(|row| row.text(column).map(str::to_owned)).collect(),
            None => one_hot::labels(&sheet, |column| column == key || columns.takes(column))?,
        };
        let named = |(row, label): (&Row, Option<String>)| {
            let file = row.text(key).map(normal)?;
            Some((row.line, Entry { file, facts: Facts { label, ..columns.of(&sheet, row) } }))
        };
        LabelMap::of(sheet.rows.iter().zip(labels).filter_map(named).collect())
    }

    /// Rows that say the same of a file, as tables of its segments do, count once.
    fn of(rows: Vec<(u64, Entry)>) -> Result<LabelMap, TableError> {
        let (mut entries, mut first) = (Vec::<Entry>::new(), BTreeMap::<String, (u64, usize)>::new());
        let mut names = BTreeMap::<String, Vec<usize>>::new();
        for (line, entry) in rows {
            match first.get(&entry.file) {
                Some((_, place)) if entries[*place].facts == entry.facts => {}
                Some((first, _)) => return Err(TableError::Twice { line, first: *first, name: entry.file }),
                None => {
                    first.insert(entry.file.clone(), (line, entries.len()));
                    ways(&entry.file).into_iter().for_each(|way| names.entry(way).or_default().push(entries.len()));
                    entries.push(entry);
                }
            }
        }
        Ok(LabelMap { entries, names })
    }

    /// What the map says of each of `paths`. A name that could mean several files or rows means none of them.
    pub(super) fn matched(&self, paths: &[&str]) -> Matched {
        let mut counts = BTreeMap::<String, usize>::new();
        paths.iter().flat_map(|path| ways(path)).for_each(|way| *counts.entry(way).or_default() += 1);
        let only = |way: &String| {
            let entries = self.names.get(way).filter(|_| counts.get(way) == Some(&1))?;
            if let [entry] = entries.as_slice() { Some(*entry) } else { None }
        };
        let places: Vec<Option<usize>> = paths.iter().map(|path| ways(path).iter().find_map(only)).collect();
        let used: std::collections::BTreeSet<usize> = places.iter().flatten().copied().collect();
        let unused = (0..self.entries.len()).filter(|place| !used.contains(place));
        Matched {
            without_file: unused.map(|place| self.entries[place].file.clone()).collect(),
            facts: places.into_iter().map(|place| place.map(|place| self.entries[place].facts.clone())).collect(),
        }
    }
}

/// A path as this program writes it: `/` between folders, none before the first.
fn normal(name: &str) -> String {
    let name = name.replace('\\', "/");
    name.trim_start_matches("./").trim_start_matches('/').to_owned()
}

/// Every way to name a file, the most exact first: the path, the path without ending, name, stem, stem as a number.
fn ways(path: &str) -> Vec<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = without_ending(name);
    let number = stem.parse::<u64>().ok().map(|number| number.to_string());
    let mut ways: Vec<String> = Vec::new();
    for way in [path, without_ending(path), name, stem].map(str::to_owned).into_iter().chain(number) {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(csv: &str, paths: &[&str]) -> (Vec<Option<String>>, Vec<String>) {
        let matched = LabelMap::read(csv.as_bytes(), None).unwrap().matched(paths);
        let label = |facts: Option<Facts>| facts.and_then(|facts| facts.label);
        (matched.facts.into_iter().map(label).collect(), matched.without_file)
    }

    fn some(names: &[&str]) -> Vec<Option<String>> {
        names.iter().map(|name| Some((*name).to_owned())).collect()
    }

    #[test]
    fn a_file_is_named_by_path_name_stem_or_number() {
        let paths = ["x/a.wav", "x/b.wav", "y/c.wav", "y/000012.mp3", "y/e.wav"];
        let csv = "file,label\nx/a.wav,1\nb.wav,2\nc,3\n12,4\n.\\y\\e.mp3,5\n";
        assert_eq!(labels(csv, &paths), (some(&["1", "2", "3", "4", "5"]), Vec::new()));
    }

    #[test]
    fn a_path_of_another_machine_is_found_by_its_name() {
        assert_eq!(labels("path,genre\n/home/me/music/a.wav,rock\n", &["a.wav"]).0, some(&["rock"]));
    }

    #[test]
    fn a_name_of_two_files_means_neither() {
        let (found, unused) = labels("file,label\n0.wav,rock\n", &["x/0.wav", "y/0.wav"]);
        assert_eq!((found, unused), (vec![None, None], vec!["0.wav".to_owned()]));
        let exact = labels("file,label\nx/0.wav,rock\ny/0.wav,pop\n", &["x/0.wav", "y/0.wav"]).0;
        assert_eq!(exact, some(&["rock", "pop"]));
    }

    #[test]
    fn files_without_a_row_and_rows_without_a_file_are_told_apart() {
        let (found, unused) = labels("file,label\na,x\ngone,y\n", &["a.wav", "b.wav"]);
        assert_eq!((found, unused), (vec![Some("x".to_owned()), None], vec!["gone".to_owned()]));
    }

    #[test]
    fn two_columns_need_no_names_that_are_known() {
        assert_eq!(labels("wav,sound\na,rain\n", &["a.wav"]).0, some(&["rain"]));
    }

    #[test]
    fn labels_may_stand_one_hot() {
        let csv = "filename,genre_blues,genre_rock,artist\na.wav,0,1,X\nb.wav,True,False,Y\n";
        let map = LabelMap::read(csv.as_bytes(), None).unwrap().matched(&["a.wav", "b.wav"]);
        let told: Vec<_> = map.facts.into_iter().flatten().map(|facts| (facts.label, facts.group)).collect();
        assert_eq!(
            told,
            [(Some("rock".to_owned()), Some("X".to_owned())), (Some("blues".to_owned()), Some("Y".to_owned()))]
        );
    }

    #[test]
    fn a_map_that_contradicts_itself_is_refused() {
        let told = |csv: &str| LabelMap::read(csv.as_bytes(), None).unwrap_err().to_string();
        assert!(told("file,label\na,x\nb,x\na,x\na,y\n").contains("line 5: a stands on line 2 too"));
        assert!(told("file,x,y\na,1,1\n").contains("line 2 has 2 ones"));
        assert!(told("file,artist,title\na,b,c\n").contains("label = "));
    }
}
