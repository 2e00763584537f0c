//! Why a file gives no sound, each case with what to do about it.

use std::io;

/// Why bytes are not sound, and what to do about it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// The file cannot be read: a fault of the disk or the network, not of the file.
    #[error("the file cannot be read ({message}); try again")]
    Io {
        /// The kind of fault.
        kind: io::ErrorKind,
        /// The system's words.
        message: String,
    },
    /// There is nothing in the file.
    #[error("the file is empty; copy or download it again")]
    Empty,
    /// The content is sound (or film) of another format, whatever the file is called.
    #[error("{found} is not supported; convert it to WAV or FLAC")]
    OtherFormat {
        /// The format's name.
        found: &'static str,
    },
    /// The content is not known at all.
    #[error("not a sound file: it begins with \"{start}\"; convert it to WAV or remove it")]
    NotSound {
        /// The first bytes, escaped.
        start: String,
    },
    /// The header cannot be believed.
    #[error("the {format} header is damaged ({what}); copy or download the file again")]
    Header {
        /// The format's name.
        format: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// A sound file of a known format, but its samples are coded in a way that is not read.
    #[error("{coding} in {format} is not supported; convert the file to 16-bit WAV or FLAC")]
    Coding {
        /// The format's name.
        format: &'static str,
        /// The coding's name, or its number.
        coding: String,
    },
    /// Fewer bytes of sound than the header promises.
    #[error("the file is cut off: {promised_bytes} bytes of sound promised, {present_bytes} there; copy it again")]
    Truncated {
        /// Length of the sound as the header has it.
        promised_bytes: u64,
        /// Bytes that are there.
        present_bytes: u64,
    },
    /// The header says that there are no channels.
    #[error("the file has zero channels; record or convert it again")]
    NoChannels,
    /// More channels than [`super::MOST_CHANNELS`].
    #[error("{channels} channels are not believable; the header is damaged or the file needs splitting")]
    Channels {
        /// The number in the header.
        channels: usize,
    },
    /// A header and no sound.
    #[error("the file holds no samples; remove it or record it again")]
    NoSamples,
    /// The span begins behind the end of the sound, or has no length.
    #[error("the file has no sound from second {offset_seconds} on for as long as asked; choose an earlier offset")]
    OutsideSpan {
        /// Where the span begins.
        offset_seconds: f64,
    },
    /// The header's rate is outside [`super::RATES_HZ`].
    #[error("a sampling rate of {rate_hz} Hz is not believable; the header is damaged or the file needs converting")]
    Rate {
        /// The rate in the header.
        rate_hz: u32,
    },
    /// A floating-point sample is infinite, not a number, or beyond all measure.
    #[error("sample {index} is not a number in a believable range; export the file again")]
    BadSample {
        /// Index of the sample in the span, counted over all channels.
        index: u64,
    },
    /// A packed file that cannot be followed.
    #[error("the {format} stream is damaged ({what}); copy or download the file again")]
    Damaged {
        /// The format's name.
        format: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// More sound than a file of its size can hold: a file made to fill the memory.
    #[error("the {format} file unpacks to over {samples} samples, which its size does not bear out; remove it")]
    TooLong {
        /// The format's name.
        format: &'static str,
        /// Samples decoded until then.
        samples: usize,
    },
    /// The decoder met a case that it does not handle.
    #[error("the {format} decoder failed ({what}); convert the file to WAV")]
    Decoder {
        /// The format's name.
        format: &'static str,
        /// Its last words.
        what: String,
    },
}

impl From<io::Error> for DecodeError {
    fn from(error: io::Error) -> DecodeError {
        DecodeError::Io { kind: error.kind(), message: error.to_string() }
    }
}
