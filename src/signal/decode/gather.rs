//! Decoded packets to the frames of a span, and the limits to what a damaged or hostile file may ask for.

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::errors::Error;

use super::content::{Content, Format};
use super::pcm::Mono;
use super::{DecodeError, MOST_CHANNELS, Span};

/// Packets in a row that may give no sound.
const MOST_SILENT_PACKETS: usize = 4_096;
/// Damaged packets are left out up to this share of all; the first few are forgiven.
const DAMAGED_SHARE: usize = 10;
const FORGIVEN: usize = 2;
/// Samples that any file may hold, however short.
const LEAST_LIMIT: u64 = 1 << 21;

/// Frames from `start` to `end`, counted from the beginning of the sound.
pub(super) struct Wanted {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// A span under way.
pub(super) struct Gather {
    format: Format,
    wanted: Wanted,
    rate_hz: u32,
    limit: usize,
    mono: Mono,
    interleaved: Vec<f32>,
    packets: usize,
    damaged: usize,
    silent_in_a_row: usize,
    /// Whether any frame was decoded, wanted or not.
    has_sound: bool,
    is_done: bool,
    complaint: String,
}

/// More samples a byte than an encoder packs silence into: AAC and MP3 pad their packets, FLAC and Vorbis do not.
fn most_samples_a_byte(format: Format) -> u64 {
    match format {
        Format::Mp3 => 32,
        Format::Adts => 256,
        _ => 512,
    }
}

impl Gather {
    pub(super) fn new(content: &Content, wanted: Wanted, rate_hz: u32) -> Gather {
        let limit = LEAST_LIMIT.saturating_add(content.length.saturating_mul(most_samples_a_byte(content.format)));
        Gather {
            format: content.format,
            is_done: wanted.end <= wanted.start,
            wanted,
            rate_hz,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            mono: Mono::with_capacity(0),
            interleaved: Vec::new(),
            packets: 0,
            damaged: 0,
            silent_in_a_row: 0,
            has_sound: false,
            complaint: String::new(),
        }
    }

    /// Whether more packets are wanted.
    pub(super) fn is_hungry(&self) -> bool {
        !self.is_done
    }

    /// Takes a packet that begins at frame `at`.
    pub(super) fn take(
        &mut self,
        at: i64,
        decoded: Result<GenericAudioBufferRef<'_>, Error>,
    ) -> Result<(), DecodeError> {
        self.packets += 1;
        match decoded {
            _ if at >= self.wanted.end => self.is_done = true,
            Ok(buffer) if buffer.frames() == 0 => return self.nothing(),
            Ok(buffer) if buffer.spec().rate() != self.rate_hz => return self.bad("the sampling rate changes"),
            Ok(buffer) if buffer.num_planes() > MOST_CHANNELS => return self.bad("too many channels"),
            Ok(buffer) => return self.keep(at, &buffer),
            // Before the span, packets are taken without those they build on.
            Err(_) if at < self.wanted.start => return self.nothing(),
            Err(error) => return self.bad(&error.to_string()),
        }
        Ok(())
    }

    fn keep(&mut self, at: i64, buffer: &GenericAudioBufferRef<'_>) -> Result<(), DecodeError> {
        let inside = |frame: i64| usize::try_from(frame.saturating_sub(at)).unwrap_or(0).min(buffer.frames());
        let channels = buffer.num_planes();
        let kept = inside(self.wanted.start) * channels..inside(self.wanted.end) * channels;
        (self.has_sound, self.silent_in_a_row) = (true, 0);
        if kept.is_empty() {
            return Ok(());
        }
        buffer.copy_to_vec_interleaved(&mut self.interleaved);
        match self.mono.mix(&self.interleaved[kept], channels) {
            Err(error) => self.bad(&error.to_string()),
            Ok(()) if self.mono.samples.len() > self.limit => {
                Err(DecodeError::TooLong { format: self.format.name(), samples: self.limit })
            }
            Ok(()) => Ok(()),
        }
    }

    /// Counts a packet that cannot be decoded.
    pub(super) fn bad(&mut self, complaint: &str) -> Result<(), DecodeError> {
        self.damaged += 1;
        if self.complaint.is_empty() {
            self.complaint = complaint.into();
        }
        self.nothing()
    }

    /// Counts a packet that gives no sound.
    pub(super) fn nothing(&mut self) -> Result<(), DecodeError> {
        self.silent_in_a_row += 1;
        let is_endless = self.silent_in_a_row > MOST_SILENT_PACKETS;
        if is_endless { Err(self.ruin("too many packets in a row give no sound")) } else { Ok(()) }
    }

    /// The samples, if there are any and few enough packets were damaged.
    pub(super) fn finish(self, span: Span) -> Result<Vec<f32>, DecodeError> {
        let too_many = self.damaged > FORGIVEN && self.damaged * DAMAGED_SHARE > self.packets;
        match self.mono.samples.is_empty() {
            true if self.damaged > 0 && !self.has_sound => Err(self.ruin("no packet can be decoded")),
            true if self.has_sound || self.is_done => {
                Err(DecodeError::OutsideSpan { offset_seconds: span.offset_seconds })
            }
            true => Err(DecodeError::NoSamples),
            false if too_many => Err(self.ruin(&format!("{} of {} packets", self.damaged, self.packets))),
            false => Ok(self.mono.samples),
        }
    }

    fn ruin(&self, what: &str) -> DecodeError {
        let complaint = if self.complaint.is_empty() { String::new() } else { format!(": {}", self.complaint) };
        DecodeError::Damaged { format: self.format.name(), what: format!("{what}{complaint}") }
    }
}
