//! The list of people as a file for a spreadsheet.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::pages;
use crate::service::Portal;

use super::rows;
use super::staff::Staff;

/// `GET /recruitment/people.csv` (RFC 4180), of this trust's people.
pub(super) async fn list(State(portal): State<Portal>, _: Staff) -> Response {
    let rows = match rows(&portal).await {
        Ok(rows) => rows,
        Err(error) => return pages::of_store_error(&portal, &error),
    };
    let head = ["reference", "name", "stands", "last_moved"].map(str::to_owned);
    let rows = rows.into_iter().map(|row| [row.reference, row.name, row.stands, row.touched]);
    let text: String = std::iter::once(head).chain(rows).map(|row| line(&row)).collect();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (CONTENT_DISPOSITION, "attachment; filename=\"people.csv\""),
    ];
    (headers, text).into_response()
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",") + "\r\n"
}

/// What begins a formula, and the wide forms that some spreadsheets take for the same.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];

/// Every cell in quotes, and what a spreadsheet would take for a formula with an apostrophe before it
/// (attack B18).
fn quoted(cell: &str) -> String {
    let is_formula = cell.trim_start().starts_with(FORMULA) || cell.starts_with(['\t', '\r', '\n']);
    let before = if is_formula { "'" } else { "" };
    format!("\"{before}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn b18_no_cell_is_a_formula() {
        for cell in ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u{FF1D}1", "\n"] {
            assert_eq!(quoted(cell), format!("\"'{cell}\""));
        }
        assert_eq!(quoted("Okafor-Lee"), "\"Okafor-Lee\"");
        assert_eq!(quoted("O\"Brien, \"=1"), "\"O\"\"Brien, \"\"=1\"");
    }
}
