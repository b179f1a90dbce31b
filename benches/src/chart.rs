//! The chart: how much of each verification is its signatures.

use std::path::Path;

use plotters::prelude::*;

use crate::rows::Figures;

const SIGNATURES: RGBColor = RGBColor(0, 94, 184);
const REST: RGBColor = RGBColor(237, 139, 0);

/// Draws a bar for each row: the limit, and what ours adds to it.
pub fn draw(path: &Path, figures: &Figures) {
    let rows = &figures.ratios;
    let most = rows.iter().map(|row| row.compared.ratio).fold(1.2, f64::max);
    let height = 90 + 54 * u32::try_from(rows.len()).expect("few rows");
    let root = SVGBackend::new(path, (860, height)).into_drawing_area();
    root.fill(&WHITE).expect("a chart");
    let caption = "time over the raw signatures (blue: the signatures, orange: everything else)";
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .caption(caption, ("sans-serif", 15))
        .x_label_area_size(28)
        .build_cartesian_2d(0.0..most * 1.08, 0.0..rows.len() as f64)
        .expect("a chart");
    chart.configure_mesh().disable_y_mesh().y_labels(0).draw().expect("a chart");
    for (place, row) in rows.iter().rev().enumerate() {
        let (low, ratio) = (place as f64 + 0.15, row.compared.ratio);
        let bar = |from: f64, to: f64, colour: RGBColor| {
            Rectangle::new([(from, low), (to, low + 0.4)], colour.filled())
        };
        let label = format!("{} — {ratio:.3}", row.name);
        let text = Text::new(label, (0.0, low + 0.75), ("sans-serif", 13));
        chart
            .draw_series([bar(0.0, ratio.min(1.0), SIGNATURES), bar(ratio.min(1.0), ratio, REST)])
            .expect("a chart");
        chart.draw_series([text]).expect("a chart");
    }
    root.present().expect("the chart can be written");
}
