//! Packed formats, by way of symphonia: packets in, one channel out.
//!
//! Nothing of a file is trusted: its bytes are read a few times over at most, the samples kept are limited by its size,
//! packets without sound are counted, and a panic inside a decoder becomes an error. Single damaged packets are left
//! out, as ffmpeg does, up to a share.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::codecs::audio::well_known as codecs;
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, ReadBytes};
use symphonia::core::meta::RawValue;
use symphonia::core::units::Timestamp;
use symphonia::default::formats::{AdtsReader, FlacReader, IsoMp4Reader, MpaReader, OggReader};

use super::content::{Content, Format};
use super::edit::{Edit, comment, edits};
use super::flac;
use super::gather::{Gather, Wanted};
use super::source::{Fenced, IN_CIRCLES, Source};
use super::{Audio, DecodeError, MOST_CHANNELS, Probe, RATES_HZ, Span};

/// Frames decoded and thrown away before a span, so that what a packet borrows from earlier ones (overlap, bit reservoir)
/// is there: over two of the longest blocks of Vorbis, and nine frames of MP3.
const LEAD_FRAMES: i64 = 1 << 15;

/// Decodes the `span` of a file.
pub(super) fn decode(source: &mut dyn Source, content: &Content, span: Span) -> Result<Audio, DecodeError> {
    match caught(content.format, || attempt(source, content, span, true)) {
        Ok(Some(audio)) => Ok(audio),
        // The reader of Ogg looks for the last page first; without it, the pages that are there still read in order.
        Err(DecodeError::Damaged { .. } | DecodeError::Decoder { .. }) if content.format == Format::Ogg => {
            caught(content.format, || from_the_start(source, content, span))
        }
        Ok(None) => caught(content.format, || from_the_start(source, content, span)),
        Err(error) => Err(error),
    }
}

fn from_the_start(source: &mut dyn Source, content: &Content, span: Span) -> Result<Audio, DecodeError> {
    attempt(source, content, span, false)?.ok_or(DecodeError::NoSamples)
}

/// Reads the header.
pub(super) fn probe(source: &mut dyn Source, content: &Content) -> Result<Probe, DecodeError> {
    caught(content.format, || {
        let (_, sound) = open(source, content, true)?;
        let seconds = sound.length.map(|frames| frames as f64 / f64::from(sound.rate_hz));
        Ok(Probe { format: content.format.name(), rate_hz: sound.rate_hz, channels: sound.channels, seconds })
    })
}

fn caught<T>(format: Format, work: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    // What is half done when a decoder panics is dropped with it, so nothing broken is seen.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let words = payload.downcast_ref::<&str>().map(|words| (*words).to_owned());
        let what = words.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(DecodeError::Decoder { format: format.name(), what })
    })
}

/// None if the reader could not get to the span's beginning, which decoding from the start can.
fn attempt(
    source: &mut dyn Source,
    content: &Content,
    span: Span,
    may_seek: bool,
) -> Result<Option<Audio>, DecodeError> {
    let (mut reader, mut sound) = open(source, content, may_seek)?;
    let wanted = sound.wanted(span);
    let entry = wanted.start - LEAD_FRAMES;
    if entry > 0 && may_seek && !seek(reader.as_mut(), &sound, entry) {
        return Ok(None);
    }
    let mut gather = Gather::new(content, wanted, sound.rate_hz);
    take_packets(reader.as_mut(), &mut sound, &mut gather, content.format)?;
    Ok(Some(Audio { samples: gather.finish(span)?, rate_hz: sound.rate_hz }))
}

fn take_packets(
    reader: &mut dyn FormatReader,
    sound: &mut Sound,
    gather: &mut Gather,
    format: Format,
) -> Result<(), DecodeError> {
    while gather.is_hungry() {
        match reader.next_packet() {
            Ok(Some(packet)) if packet.track_id != sound.id => gather.nothing()?,
            Ok(Some(packet)) => {
                let at = sound.frame(packet.pts.get().saturating_add_unsigned(packet.trim_start.get()));
                gather.take(at, sound.decoder.decode(&packet))?;
            }
            Ok(None) => break,
            Err(error) if is_end(&error) => break,
            Err(Error::DecodeError(what)) => gather.bad(what)?,
            Err(Error::ResetRequired) => return Err(refuse(format, "a chain of streams")),
            Err(error) => return Err(refusal(format, error)),
        }
    }
    Ok(())
}

/// Whether the reader now stands at or before the frame.
fn seek(reader: &mut dyn FormatReader, sound: &Sound, frame: i64) -> bool {
    let to = SeekTo::Timestamp { ts: Timestamp::new(sound.ticks(frame)), track_id: sound.id };
    // Files of several streams are read through: between those, the reader of Ogg can lose its way.
    reader.tracks().len() == 1
        && reader.seek(SeekMode::Accurate, to).is_ok_and(|seeked| sound.frame(seeked.actual_ts.get()) <= frame + 1)
}

/// The track that is decoded.
struct Sound {
    id: u32,
    rate_hz: u32,
    channels: usize,
    decoder: Box<dyn AudioDecoder>,
    /// Ticks a second of the packets' times, as a fraction.
    ticks_hz: (u32, u32),
    /// Frame of the track at which the sound begins: before it lies the encoder's delay.
    first: i64,
    /// Frames of sound, if the file tells them for certain.
    end: Option<u64>,
    /// Frames of sound, estimated if need be.
    length: Option<u64>,
}

impl Sound {
    fn wanted(&self, span: Span) -> Wanted {
        let (start, end) = span.frames(self.rate_hz);
        let end = end.into_iter().chain(self.end).min().unwrap_or(u64::MAX);
        let [start, end] = [start, end].map(|frame| i64::try_from(frame).unwrap_or(i64::MAX));
        Wanted { start, end }
    }

    fn frame(&self, ticks: i64) -> i64 {
        scaled(ticks, self.rate_hz, self.ticks_hz).saturating_sub(self.first)
    }

    fn ticks(&self, frame: i64) -> i64 {
        let (ticks, seconds) = self.ticks_hz;
        let ticks = i128::from(frame.saturating_add(self.first)) * i128::from(ticks);
        i64::try_from(ticks / (i128::from(self.rate_hz) * i128::from(seconds))).unwrap_or(i64::MAX)
    }
}

/// Frames in a time of so many ticks, rounded.
fn scaled(ticks: i64, rate_hz: u32, (ticks_hz, seconds): (u32, u32)) -> i64 {
    let top = (i128::from(ticks) * i128::from(rate_hz)).saturating_mul(i128::from(seconds));
    let bottom = i128::from(ticks_hz);
    let frames = top.saturating_add(bottom / 2).div_euclid(bottom);
    frames.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

type Reader<'s> = Box<dyn FormatReader + 's>;

fn open<'s>(source: &'s mut dyn Source, content: &Content, may_seek: bool) -> Result<(Reader<'s>, Sound), DecodeError> {
    let refusal = |error| refusal(content.format, error);
    let edits = match content.format {
        Format::Mp4 => edits(source, content.start, content.length)?,
        _ => Vec::new(),
    };
    let mut fenced = match content.format {
        Format::Flac => flac::bare(source, content)?,
        _ => Fenced::new(source, content.start, content.length)?,
    };
    fenced.is_seekable = may_seek || content.format != Format::Ogg;
    let mut reader = reader(fenced, content.format).map_err(refusal)?;
    let from_comment = itunes_comment(reader.as_mut());
    let no_sound = || DecodeError::Header { format: content.format.name(), what: "it has no sound track".into() };
    let track = reader.default_track(TrackType::Audio).ok_or_else(no_sound)?;
    let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or_else(no_sound)?;
    let decoder = decoder(content.format, track, params)?;
    let (rate_hz, channels) = believable(content.format, decoder.codec_params())?;
    let edit = edits.into_iter().find(|(id, _)| *id == track.id).map(|(_, edit)| edit);
    let edit = edit.or_else(|| comment(&from_comment?, rate_hz));
    let sound = sound(track, decoder, edit, rate_hz, channels);
    Ok((reader, sound))
}

fn reader(fenced: Fenced<'_>, format: Format) -> Result<Reader<'_>, Error> {
    let mut stream = MediaSourceStream::new(Box::new(fenced), Default::default());
    let options = Default::default();
    Ok(match format {
        Format::Flac => Box::new(FlacReader::try_new(stream, options)?),
        Format::Ogg => Box::new(OggReader::try_new(stream, options)?),
        Format::Adts => Box::new(AdtsReader::try_new(stream, options)?),
        Format::Mp4 => {
            // This reader expects to stand behind the length of the first box.
            stream.read_quad_bytes()?;
            Box::new(IsoMp4Reader::try_new(stream, options)?)
        }
        _ => Box::new(MpaReader::try_new(stream, options)?),
    })
}

fn itunes_comment(reader: &mut dyn FormatReader) -> Option<String> {
    let mut metadata = reader.metadata();
    let revision = metadata.skip_to_latest()?;
    let tag = revision.media.tags.iter().find(|tag| tag.raw.key.ends_with("iTunSMPB"))?;
    match &tag.raw.value {
        RawValue::String(text) => Some(text.to_string()),
        _ => None,
    }
}

fn decoder(format: Format, track: &Track, params: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, DecodeError> {
    // Without a LAME tag the length of an MP3 is a guess, and cutting there would lose sound.
    let options = AudioDecoderOptions::default().gapless(format != Format::Mp3 || track.delay.is_some());
    let made = symphonia::default::get_codecs().make_audio_decoder(params, &options);
    made.map_err(|error| match error {
        Error::Unsupported(_) => refuse(format, name(params.codec)),
        error => refusal(format, error),
    })
}

/// What a coding that is refused is called.
fn name(codec: AudioCodecId) -> &'static str {
    match codec {
        codecs::CODEC_ID_AAC => "HE-AAC, or AAC of more than two channels,",
        codecs::CODEC_ID_OPUS => "Opus",
        codecs::CODEC_ID_SPEEX => "Speex",
        codecs::CODEC_ID_AC3 | codecs::CODEC_ID_EAC3 => "Dolby Digital",
        codecs::CODEC_ID_DCA => "DTS",
        codecs::CODEC_ID_MP1 | codecs::CODEC_ID_MP2 => "MPEG layer I or II",
        codecs::CODEC_ID_MP3 => "MP3",
        _ => "an unknown or protected coding",
    }
}

fn believable(format: Format, params: &AudioCodecParameters) -> Result<(u32, usize), DecodeError> {
    let channels = params.channels.as_ref().ok_or_else(|| refuse(format, name(params.codec)))?;
    match (params.sample_rate.unwrap_or(0), channels.count()) {
        (_, 0) => Err(DecodeError::NoChannels),
        (_, channels) if channels > MOST_CHANNELS => Err(DecodeError::Channels { channels }),
        (rate_hz, _) if !RATES_HZ.contains(&rate_hz) => Err(DecodeError::Rate { rate_hz }),
        good => Ok(good),
    }
}

fn sound(track: &Track, decoder: Box<dyn AudioDecoder>, edit: Option<Edit>, rate_hz: u32, channels: usize) -> Sound {
    let frames = |(ticks, hz)| scaled(i64::try_from(ticks).unwrap_or(i64::MAX), rate_hz, (hz, 1));
    let ticks_hz = track.time_base.map_or((rate_hz, 1), |base| (base.denom.get(), base.numer.get()));
    let first = edit.map_or(0, |edit| frames(edit.delay));
    let end = edit.and_then(|edit| edit.length).map(|length| frames(length) as u64);
    let rest = track.num_frames.map(|frames| frames.saturating_sub(first as u64));
    Sound { id: track.id, rate_hz, channels, decoder, ticks_hz, first, end, length: end.or(rest) }
}

fn is_end(error: &Error) -> bool {
    matches!(error, Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof)
}

fn refuse(format: Format, coding: &str) -> DecodeError {
    DecodeError::Coding { format: format.name(), coding: coding.into() }
}

fn refusal(format: Format, error: Error) -> DecodeError {
    let damaged = |what: &str| DecodeError::Damaged { format: format.name(), what: what.into() };
    match error {
        error if is_end(&error) => damaged("it ends before its sound begins"),
        Error::IoError(error) if error.kind() == IN_CIRCLES => damaged("it leads its reader in circles"),
        Error::IoError(error) => error.into(),
        // Missing parts go by the same name as what is not supported.
        Error::Unsupported(what) if what.contains("support") => refuse(format, what),
        error => damaged(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error() {
        let failed: Result<(), _> = caught(Format::Ogg, || panic!("case {}", 7));
        let error = failed.expect_err("it panicked").to_string();
        assert_eq!(error, "the Ogg decoder failed (case 7); convert the file to WAV");
    }

    #[test]
    fn times_become_frames_by_rounding() {
        assert_eq!(scaled(1_000, 44_100, (1_000, 1)), 44_100);
        assert_eq!(scaled(-1_105, 44_100, (44_100, 1)), -1_105);
        assert_eq!([1, 2, -1, -2].map(|ticks| scaled(ticks, 2, (3, 1))), [1, 1, -1, -1]);
        assert_eq!(scaled(i64::MAX, u32::MAX, (1, u32::MAX)), i64::MAX);
    }
}
