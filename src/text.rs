//! Words on arrays: documents to words, words to sparse counts and TF-IDF weights; lyrics read from bytes. Knows no files.
//!
//! `String` documents become a [`counts::Counts`] (a sorted vocabulary and a sparse matrix `[documents, terms]`), counts
//! become weights by [`tfidf::TfIdf`]. A bag of words enters as counts. The same input gives the same bits for any number
//! of threads: documents are cut into chunks of fixed size, vocabularies are sorted.

pub mod bert;

pub mod clean;
pub mod language;
pub mod stop_words;
pub mod words;

pub mod csr;
pub mod vocabulary;

pub mod counts;
pub mod limits;
pub mod tfidf;
pub mod top_words;

pub mod json;
pub mod lines;
pub mod musixmatch;
pub mod table;
pub mod utf8;

mod character_grams;
mod word_grams;
mod word_hash;
mod word_ids;

/// What is wrong with bytes or settings, and what helps. Lines and rows count from 1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TextError {
    /// Two bytes a letter.
    #[error("the text is UTF-16; save it as UTF-8")]
    Utf16,
    /// A zero byte.
    #[error("line {line} holds a zero byte, as texts do not; give a text file, saved as UTF-8")]
    ZeroByte {
        /// Line of the first one.
        line: usize,
    },
    /// Bytes that are no UTF-8.
    #[error("line {line} is not UTF-8; save the text as UTF-8")]
    NotUtf8 {
        /// Line of the first such byte.
        line: usize,
    },
    /// A table without a row of names.
    #[error("the table is empty; it needs a first row of column names, or names given beside it")]
    NoHeader,
    /// A quoted field that does not end.
    #[error("the quoted field that opens in row {row} (line {line}) is never closed; add its closing quote")]
    UnclosedQuote {
        /// Row, the header not counted.
        row: usize,
        /// Line on which that row begins.
        line: usize,
    },
    /// A row with more or fewer fields than there are columns.
    #[error(
        "row {row} (line {line}) has {found} fields where {expected} columns are named; \
         check its delimiters and quotes"
    )]
    FieldCount {
        /// Row, the header not counted.
        row: usize,
        /// Line on which that row begins.
        line: usize,
        /// Fields in this row.
        found: usize,
        /// Columns of the table.
        expected: usize,
    },
    /// More columns than any table of lyrics has.
    #[error("row {row} has {found} columns, more than {most}; check the delimiter")]
    TooManyColumns {
        /// Row; 0 is the header.
        row: usize,
        /// Its columns.
        found: usize,
        /// Most that are read.
        most: usize,
    },
    /// A row longer than any lyrics.
    #[error("row {row} (line {line}) is {bytes} bytes long, more than {most}; check its quotes and line ends")]
    RowTooLong {
        /// Row or entry, the header not counted.
        row: usize,
        /// Line on which that row begins.
        line: usize,
        /// Its length.
        bytes: usize,
        /// Longest that is read.
        most: usize,
    },
    /// A column that the table does not have.
    #[error("there is no column `{name}`; there are: {known}")]
    NoColumn {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A column name that stands twice.
    #[error("the column `{name}` stands twice in the header; rename one of them")]
    ColumnTwice {
        /// That name.
        name: String,
    },
    /// Not a JSON map from id to text.
    #[error("row {line}, column {column} of the JSON text: {reason}; write {{\"id\": \"text\", ...}}")]
    Json {
        /// Line of the fault.
        line: usize,
        /// Column of the fault, in bytes.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// An id that stands twice.
    #[error("entry {row} has the id `{id}` of an entry before it; each id may stand once")]
    IdTwice {
        /// Entry or row.
        row: usize,
        /// That id.
        id: String,
    },
    /// A bag of words that names no words.
    #[error("the bag of words has no list of words before line {line}; it begins with `%word,word,...`")]
    NoWordList {
        /// Line of the first track, or the last line.
        line: usize,
    },
    /// A word that stands twice in the list, or an empty one.
    #[error("line {line}: word {at} of the list, `{word}`, is empty or stands there twice")]
    WordList {
        /// Line of the list.
        line: usize,
        /// Number of the word, from 1.
        at: usize,
        /// The word.
        word: String,
    },
    /// An entry of a bag of words that cannot be read.
    #[error("line {line}: `{entry}` {reason}; a track is `id,musixmatch id,word number:count,...`")]
    BagEntry {
        /// Line of the track.
        line: usize,
        /// The entry, shortened.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Grams of no length, or longer ones than are counted.
    #[error("n-grams from {least} to {most} cannot be counted; take 1 to 2 words, or 1 to {longest} characters")]
    GramLength {
        /// Shortest asked for.
        least: usize,
        /// Longest asked for.
        most: usize,
        /// Longest in characters.
        longest: usize,
    },
    /// Nothing left to count.
    #[error(
        "no term is left of {terms} in {documents} documents; lower min_df, raise max_df or leave out the stop words"
    )]
    NoTerms {
        /// Documents counted.
        documents: usize,
        /// Terms before the limits.
        terms: usize,
    },
    /// More values than a matrix of this kind can name.
    #[error("{terms} different terms are too many for one matrix; count words without bigrams, or fewer documents")]
    TooManyTerms {
        /// Terms found.
        terms: usize,
    },
}

/// At most 40 characters of `text`, for messages.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
