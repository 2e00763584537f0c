//! Colours: twelve categorical ones that stay apart for colour-blind readers, and colour maps for amounts.
//! Colour vision model of the test: Machado, Oliveira, Fernandes (IEEE TVCG 2009); maps: viridis and magma of matplotlib (CC0).
//!
//! The twelve were chosen by search among the sets of Okabe and Ito, Tol, and Krzywinski for the largest smallest CIELAB
//! distance under normal, protanope and deuteranope vision (17, as large as that of Okabe and Ito's first six), with
//! lightness 38 to 80, so that they stand out on white and on black.

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// The colour `0xRR_GG_BB`.
    pub const fn hex(code: u32) -> Rgb {
        Rgb((code >> 16) as u8, (code >> 8) as u8, code as u8)
    }

    /// `#RRGGBB`.
    pub fn css(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }

    /// The colour `share` in `[0, 1]` of the way from `self` to `other`.
    pub fn mix(self, other: Rgb, share: f64) -> Rgb {
        let blend = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        Rgb(blend(self.0, other.0), blend(self.1, other.1), blend(self.2, other.2))
    }

    /// Whether white text reads better on it than black text does (relative luminance of WCAG 2 below 0.18).
    pub fn is_dark(self) -> bool {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18
    }

    /// Linear-light components in `[0, 1]`.
    pub fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|byte| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }
}

/// The categorical colours, most different first.
pub const CATEGORICAL: [Rgb; 12] = [
    Rgb::hex(0x00_72_B2),
    Rgb::hex(0xE6_9F_00),
    Rgb::hex(0x00_9E_73),
    Rgb::hex(0x88_CC_EE),
    Rgb::hex(0xD5_5E_00),
    Rgb::hex(0xAA_33_77),
    Rgb::hex(0x11_77_33),
    Rgb::hex(0xFF_9D_A7),
    Rgb::hex(0x00_8D_F9),
    Rgb::hex(0xC7_A7_6C),
    Rgb::hex(0xE2_01_34),
    Rgb::hex(0xCC_79_A7),
];

/// The colour of points without a class: noise, unlabelled.
pub const NEUTRAL: Rgb = Rgb::hex(0x98_A2_AD);

/// The colour of class number `index` in the sorted list of classes; beyond twelve they come round again.
pub fn categorical(index: usize) -> Rgb {
    CATEGORICAL[index % CATEGORICAL.len()]
}

/// A table of colours, evenly spaced over `[0, 1]`.
#[derive(Clone, Copy, Debug)]
pub struct ColourMap(&'static [u32]);

/// Dark to light, perceptually even: amounts such as decibels.
pub const MAGMA: ColourMap = ColourMap(&[
    0x00_00_04, 0x18_0F_3D, 0x44_0F_76, 0x72_1F_81, 0x9E_2F_7F, 0xCD_40_71, 0xF1_60_5D, 0xFD_96_68, 0xFE_CA_8D,
    0xFC_FD_BF,
]);

/// Dark to light, perceptually even: a second amount beside the first.
pub const VIRIDIS: ColourMap = ColourMap(&[
    0x44_01_54, 0x48_28_78, 0x3E_49_89, 0x31_68_8E, 0x26_82_8E, 0x1F_9E_89, 0x35_B7_79, 0x6E_CE_58, 0xB5_DE_2B,
    0xFD_E7_25,
]);

/// White to deep blue: shares in a table, where zero should recede.
pub const BLUES: ColourMap =
    ColourMap(&[0xF4_F7_FA, 0xDB_E8_F3, 0xB9_D3_E8, 0x8A_B8_DA, 0x57_98_C8, 0x2C_76_B1, 0x12_55_93, 0x08_35_69]);

/// Blue over white to orange: signed differences, zero in the middle.
pub const DIVERGING: ColourMap =
    ColourMap(&[0x08_3D_77, 0x2E_73_B5, 0x8F_B8_DC, 0xF5_F5_F3, 0xF0_B4_7D, 0xD0_6B_1F, 0x8A_3A_05]);

impl ColourMap {
    /// The colour at `share`; below 0, above 1 and not-a-number take the nearest end (not-a-number: the low one).
    pub fn at(self, share: f64) -> Rgb {
        let last = self.0.len() - 1;
        let place = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) * last as f64 };
        let low = (place.floor() as usize).min(last - 1);
        Rgb::hex(self.0[low]).mix(Rgb::hex(self.0[low + 1]), place - low as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NORMAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    const PROTANOPE: [[f64; 3]; 3] =
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];
    const DEUTERANOPE: [[f64; 3]; 3] =
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];

    fn lab(colour: Rgb, eye: [[f64; 3]; 3]) -> [f64; 3] {
        let linear = colour.linear();
        let [r, g, b] = eye.map(|row| (0..3).map(|i| row[i] * linear[i]).sum::<f64>().clamp(0.0, 1.0));
        let curve = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        let x = curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
        let y = curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn distance(a: Rgb, b: Rgb, eye: [[f64; 3]; 3]) -> f64 {
        let (a, b) = (lab(a, eye), lab(b, eye));
        (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn categorical_colours_stay_apart_for_colour_blind_readers() {
        for (index, &one) in CATEGORICAL.iter().enumerate() {
            for &other in &CATEGORICAL[..index] {
                for eye in [NORMAL, PROTANOPE, DEUTERANOPE] {
                    assert!(distance(one, other, eye) > 16.5, "{} {}", one.css(), other.css());
                }
            }
        }
    }

    #[test]
    fn maps_grow_lighter_and_clamp() {
        for map in [MAGMA, VIRIDIS] {
            let lightness: Vec<f64> = (0..=20).map(|i| lab(map.at(f64::from(i) / 20.0), NORMAL)[0]).collect();
            assert!(lightness.windows(2).all(|pair| pair[0] < pair[1]));
            assert_eq!(map.at(-3.0), map.at(0.0));
            assert_eq!(map.at(7.0), map.at(1.0));
            assert_eq!(map.at(f64::NAN), map.at(0.0));
        }
    }

    #[test]
    fn dark_cells_take_white_text() {
        assert!(BLUES.at(1.0).is_dark());
        assert!(!BLUES.at(0.0).is_dark());
    }
}
