//! Tables as they are met in the wild, and tables that are broken.

use super::*;

fn sheet(text: &str) -> Sheet {
    Sheet::read(text.as_bytes()).unwrap()
}

fn told(text: &str) -> String {
    Sheet::read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn marks_line_ends_and_delimiters_change_nothing() {
    let plain = sheet("a,b\n1,x y\n2,z\n");
    for text in [
        "\u{FEFF}a,b\r\n1,x y\r\n2,z\r\n\r\n\r\n",
        "a;b\n1;x y\n2;z",
        "a,b\r1,x y\r2,z\r",
        "a\tb\n1\tx y\n2\tz\n\t\n",
        "a , b,\n1,\"x y\",\n2,z,\n,,\n",
    ] {
        let other = sheet(text);
        assert_eq!(other.header[..2], plain.header[..], "{text:?}");
        let cells = |sheet: &Sheet| -> Vec<(u64, Option<String>)> {
            sheet.rows.iter().map(|row| (row.line, row.text(1).map(str::to_owned))).collect()
        };
        assert_eq!(cells(&other), cells(&plain), "{text:?}");
    }
}

#[test]
fn a_quoted_cell_may_hold_lines_and_delimiters() {
    let sheet = sheet("a,b\n\"one;\ntwo, \"\"three\"\"\",1\nx,oops\n");
    assert_eq!(sheet.rows[0].text(0), Some("one;\ntwo, \"three\""));
    assert_eq!(sheet.rows[1].line, 4, "lines count as an editor shows them");
}

#[test]
fn header_rows_of_several_levels_are_joined() {
    let sheet = sheet("feature,mfcc,mfcc,zcr\nstatistics,mean,mean,std\nnumber,01,02,01\ntrack_id,,,\n2,0.5,1,2\n");
    assert_eq!(sheet.header, ["track_id", "mfcc_mean_01", "mfcc_mean_02", "zcr_std_01"]);
    assert_eq!((sheet.rows.len(), sheet.number(&sheet.rows[0], 1).unwrap()), (1, Some(0.5)));
}

#[test]
fn a_name_that_stands_twice_is_numbered_and_is_no_second_level() {
    let sheet = sheet("x,x,y\n1,2,3\na,,\n4,5,6\n");
    assert_eq!((sheet.header.as_slice(), sheet.rows.len()), (["x", "x.1", "y"].map(String::from).as_slice(), 3));
}

#[test]
fn numbers_are_read_as_they_are_written() {
    let comma = sheet("a,b,c,d,e\n[123.05], -1e-3 ,nan,inf,\n");
    let numbers: Vec<Option<f64>> = (0..5).map(|column| comma.number(&comma.rows[0], column).unwrap()).collect();
    assert_eq!(numbers, [Some(123.05), Some(-1e-3), None, None, None]);
    let semicolon = sheet("a;b\n0,25;1.5\n");
    assert_eq!(semicolon.number(&semicolon.rows[0], 0).unwrap(), Some(0.25));
    let list = sheet("a,b\n[21],x\n");
    assert!(list.number(&list.rows[0], 0).is_err() && !list.is_numeric(0));
    let wrong = comma_error();
    assert!(wrong.contains("line 3, column \"x\": \"oops\"") && wrong.contains("drop = [\"x\"]"), "{wrong}");
}

fn comma_error() -> String {
    let sheet = sheet("x,y\n1,2\noops,3\n");
    sheet.number(&sheet.rows[1], 0).unwrap_err().to_string()
}

#[test]
fn what_is_no_table_is_told_with_its_line() {
    assert!(told("a,b\n1,2\n3\n").contains("line 3 has 1 cells where the header names 2"));
    assert!(told("a,b\n1,2,3\n").contains("line 2 has 3 cells"));
    assert!(told("1,2\n3,4\n").contains("names above"));
    assert!(told("a,b\n").contains("no rows") && told("").contains("no rows") && told("\n\n").contains("no rows"));
    assert!(Sheet::read(b"a\nb\xFFc\n").unwrap_err().to_string().contains("line 2 is not UTF-8"));
    assert!(Sheet::read(b"\xFF\xFEa\0").unwrap_err().to_string().contains("UTF-8"));
}

#[test]
fn a_column_is_found_by_name_and_the_others_are_listed() {
    let sheet = sheet("File_Name,Genre\na,b\n");
    assert_eq!(sheet.named(Some("genre"), &[]).unwrap(), Some(1));
    assert_eq!(sheet.named(None, &["nothing", "file_name"]).unwrap(), Some(0));
    let far = sheet.named(Some("tempo"), &[]).unwrap_err().to_string();
    assert_eq!(far, "no column \"tempo\"; there are File_Name, Genre");
    let missing = sheet.named(Some("gerne"), &[]).unwrap_err().to_string();
    assert_eq!(missing, "no column \"gerne\" (did you mean \"Genre\"?); there are File_Name, Genre");
}

#[test]
fn only_what_is_wanted_is_kept_and_places_agree() {
    let sheet = Sheet::read_where(b"a,b,c\n0,0,0\n1,2,3\n", |name| name != "b", |first| first == "1").unwrap();
    assert_eq!((sheet.rows.len(), sheet.rows[0].line), (1, 3));
    assert_eq!((sheet.header.as_slice(), sheet.rows[0].text(1)), (["a", "c"].map(String::from).as_slice(), Some("3")));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = Sheet::read(&bytes);
    }

    #[test]
    fn no_text_of_table_signs_makes_it_panic(text in "[a,;\t\n\"0. ]{0,80}") {
        if let Ok(sheet) = Sheet::read(text.as_bytes()) {
            for row in &sheet.rows {
                (0..sheet.header.len()).for_each(|column| drop(sheet.number(row, column)));
            }
        }
    }
}
