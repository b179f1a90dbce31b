//! QR codes, read back by another library.

#![cfg(feature = "qr")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use common::*;
use staffpass_request::qr::QrCode;

fn read(size: usize, dark: impl Fn(usize, usize) -> bool) -> (String, u16) {
    let scale = 4;
    let shade = |x: usize, y: usize| if dark(x / scale, y / scale) { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(size * scale, size * scale, shade);
    let grids = image.detect_grids();
    let (meta, content) = grids[0].decode().unwrap();
    (content, meta.ecc_level)
}

/// As the format information writes it (ISO/IEC 18004, table 12).
const LEVEL_M: u16 = 0;

#[test]
fn a_reader_finds_the_link_in_the_modules_with_error_correction_m() {
    for link in [microsoft_request(1).link(), openid4vp_request(1).link()] {
        let code = QrCode::of(link).unwrap();
        let found = read(code.size(), |x, y| code.is_dark(x, y));
        assert_eq!(found, (link.to_owned(), LEVEL_M));
    }
}

#[test]
fn a_reader_finds_the_link_in_the_png() {
    let request = openid4vp_request(1);
    let code = QrCode::of(request.link()).unwrap();
    let png = code.to_png();
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let side = usize::try_from(reader.next_frame(&mut pixels).unwrap().width).unwrap();
    assert_eq!(side % code.size(), 0);
    let shade = |x: usize, y: usize| pixels[y * side + x];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, shade);
    assert_eq!(image.detect_grids()[0].decode().unwrap().1, request.link());
}

#[test]
fn a_reader_finds_the_link_in_the_blocks_of_the_terminal() {
    let link = "openid-vc://?request_uri=https%3A%2F%2Fportal.example%2Frequest%2F1";
    let code = QrCode::of(link).unwrap();
    let lines: Vec<Vec<char>> =
        code.to_terminal().lines().map(|line| line.chars().collect()).collect();
    assert!(lines.iter().all(|line| line.len() == code.size()));
    let dark = |x: usize, y: usize| match lines[y / 2][x] {
        '█' => false,
        '▀' => !y.is_multiple_of(2),
        '▄' => y.is_multiple_of(2),
        ' ' => true,
        other => panic!("{other}"),
    };
    // An odd number of rows leaves half a line over.
    assert_eq!(read(code.size(), dark).0, link);
}

#[test]
fn a_reader_finds_the_link_in_the_svg() {
    let link = "openid-vc://?request_uri=https%3A%2F%2Fportal.example%2Frequest%2F1";
    let code = QrCode::of(link).unwrap();
    let svg = code.to_svg("Scan me");
    let path = svg.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut dark = std::collections::HashSet::new();
    for run in path.split('M').skip(1) {
        let (x, rest) = run.split_once(' ').unwrap();
        let (y, rest) = rest.split_once('h').unwrap();
        let (length, _) = rest.split_once('v').unwrap();
        let (x, length): (usize, usize) = (x.parse().unwrap(), length.parse().unwrap());
        dark.extend((x..x + length).map(|x| (x, y.parse::<usize>().unwrap())));
    }
    assert_eq!(read(code.size(), |x, y| dark.contains(&(x, y))).0, link);
    assert!(svg.contains(&format!("viewBox=\"0 0 {0} {0}\"", code.size())));
}

#[test]
fn the_quiet_zone_is_four_modules_on_each_side() {
    let code = QrCode::of("openid-vc://?request_uri=x").unwrap();
    let last = code.size() - 1;
    for at in 0..code.size() {
        for edge in 0..4 {
            for (x, y) in [(at, edge), (edge, at), (at, last - edge), (last - edge, at)] {
                assert!(!code.is_dark(x, y));
            }
        }
    }
    assert!(code.is_dark(4, 4) && code.is_dark(last - 4, 4) && code.is_dark(4, last - 4));
}

#[test]
fn the_label_is_text_whatever_it_says() {
    let svg = QrCode::of("x").unwrap().to_svg("<script>\"&'\n");
    assert!(svg.contains("role=\"img\" aria-label=\"&lt;script&gt;&quot;&amp;&#39; \""));
    assert!(svg.contains("<title>&lt;script&gt;&quot;&amp;&#39; </title>"));
}

#[test]
fn a_link_that_fits_no_code_is_refused() {
    assert_eq!(QrCode::of(&"x".repeat(2332)).unwrap_err().code(), "request_link_form");
    assert!(QrCode::of(&"x".repeat(2331)).is_ok());
    assert!(!format!("{:?}", QrCode::of("openid-vc://secret").unwrap()).contains("secret"));
}
