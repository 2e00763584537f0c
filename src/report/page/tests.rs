//! The page as a whole: hostile text stays text, the policy names what is in the page, odd inputs are harmless.

use super::*;

const HOSTILE: &str = "</script></style><script>alert(1)</script><img src=x onerror=alert(2)>\"'{{css}}বাংলা\u{2028}";

fn score(representation: &str, value: f64) -> Score {
    Score { representation: representation.into(), value: Some(value), interval: Some([value - 0.1, value + 0.1]) }
}

fn hostile() -> Page {
    let text = || HOSTILE.to_string();
    Page {
        experiment: text(),
        run_id: text(),
        seed: 7,
        dataset: Dataset { name: text(), n_used: 3, n_total: 4, n_classes: 1, n_groups: 2, synthetic: true },
        verdict: Some(Verdict { verdict: text(), detail: text(), remedy: text() }),
        metrics: vec![Metric {
            name: text(),
            definition: text(),
            label_based: true,
            scores: vec![score(HOSTILE, 0.5), score("chance", f64::NAN)],
        }],
        warnings: vec![text()],
        stages: vec![Stage { name: text(), hit: false, seconds: f64::NAN, why: text() }],
        config: text(),
        figures: vec![
            Figure {
                id: text(),
                section: String::new(),
                title: text(),
                how_to_read: text(),
                svg: "<svg></svg>".into(),
            },
            Figure { id: text(), section: text(), title: text(), how_to_read: String::new(), svg: String::new() },
        ],
        neighbours: vec![Neighbours {
            query: Neighbour { id: text(), label: text(), similarity: 1.0, audio: Some(text()) },
            found: vec![Neighbour { id: text(), label: text(), similarity: f64::NAN, audio: None }],
        }],
        sounds: vec![Sound {
            class: text(),
            what: text(),
            name: text(),
            detail: text(),
            picture: text(),
            audio: text(),
            is_real: false,
        }],
        points: vec![Point {
            x: 1.0,
            y: 2.0,
            id: text(),
            label: text(),
            language: text(),
            cluster: text(),
            group: text(),
            audio: Some(text()),
        }],
    }
}

#[test]
fn hostile_text_stays_text_in_every_field() {
    let page = html(&hostile());
    assert_eq!(page.matches("<script").count(), 2, "ours and the points");
    assert_eq!(page.matches("</script").count(), 2);
    assert_eq!(page.matches("<style").count(), 1);
    assert!(!page.contains("<img") && !page.contains("alert(1)</script>"));
    let json = page.split_once("id=\"points\">").unwrap().1.split_once("</script>").unwrap().0;
    assert!(!json.contains(['<', '>', '&', '\u{2028}']));
    let data: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(data["id"][0], HOSTILE);
    assert!(page.contains("&lt;img src=x onerror=alert(2)&gt;"));
}

#[test]
fn every_field_is_in_the_page() {
    let mut page = hostile();
    let shown = html(&page).matches("&lt;img src=x").count();
    page.verdict = None;
    page.warnings.clear();
    assert_eq!(html(&page).matches("&lt;img src=x").count(), shown - 4, "three texts of the verdict, one warning");
}

#[test]
fn the_policy_names_the_script_and_the_style_of_the_page() {
    for (page, bangla) in [(Page::default(), false), (hostile(), true)] {
        let page = html(&page);
        for text in [SCRIPT, &style(bangla)] {
            let hash = base64(&sha256::digest(text.as_bytes()));
            assert!(page.contains(&format!("'sha256-{hash}'")));
            assert!(page.contains(&format!(">{text}</")), "the hashed text is in the page unchanged");
        }
    }
    assert!(!SCRIPT.contains("</script") && !STYLE.contains("</style"));
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = html(&hostile()).replace("http://www.w3.org/2000/svg", "");
    for address in ["http:", "https:", "@import", "url(h", "url(/"] {
        assert!(!page.contains(address), "{address}");
    }
    assert_eq!(page.matches("src=\"").count(), 1, "the player of a clip beside the page");
    assert!(page.contains("src=\"%3C/script%3E"));
}

#[test]
fn synthetic_data_are_named_before_anything_else() {
    let mut page = hostile();
    let banner = html(&page).find("Synthetic data").unwrap();
    assert!(banner < html(&page).find("<h1>").unwrap());
    page.dataset.synthetic = false;
    assert!(!html(&page).contains("Synthetic data"));
}

#[test]
fn an_empty_page_has_no_empty_parts() {
    let page = html(&Page::default());
    for part in
        ["id=\"map\"", "id=\"figures\"", "id=\"stages\"", "id=\"config\"", "id=\"metrics\"", "id=\"listen\"", "{{"]
    {
        assert!(!page.contains(part), "{part}");
    }
}

#[test]
fn pictures_beside_the_first_are_folded_by_their_clustering_and_those_not_inside_are_linked_to() {
    let figure = |id: &str, section: &str, svg: &str| Figure {
        id: id.into(),
        section: section.into(),
        svg: svg.into(),
        title: id.to_uppercase(),
        ..Figure::default()
    };
    let inside = "<svg></svg>";
    let figures =
        vec![figure("a", "", inside), figure("b", "gmm", inside), figure("c", "gmm", ""), figure("d", "ward", "")];
    let page = html(&Page { figures, ..Page::default() });
    assert_eq!((page.matches("<details").count(), page.matches(inside).count()), (2, 2));
    assert!(page.contains("<h2>gmm</h2><span>2 pictures</span>") && page.contains("<a href=\"plots/c.svg\">C</a>"));
    assert!(page.find("figure-a").unwrap() < page.find("<details").unwrap());
}

#[test]
fn the_headline_shows_the_representations_of_the_first_clusterer() {
    let names = ["latent · kmeans", "raw · kmeans", "chance · kmeans", "latent · gmm", "chance · gmm"];
    let scores = names.map(|name| score(name, 0.3)).to_vec();
    let metric = Metric { name: "ari".into(), label_based: true, scores, ..Metric::default() };
    let page = html(&Page { metrics: vec![metric], ..Page::default() });
    let (forest, tables) = page.split_once("id=\"metrics\"").unwrap();
    assert!(forest.contains("chance · kmeans") && !forest.contains("latent · gmm"));
    assert!(tables.contains("latent · gmm") && tables.contains("chance · gmm"));
}

#[test]
fn lost_numbers_are_dashes() {
    let page = html(&hostile());
    assert!(!page.contains("NaN") && !page.contains("inf%"));
    assert!(page.contains("class=\"chance\""));
}

#[test]
fn points_that_are_nowhere_are_left_out() {
    let mut page = hostile();
    page.points[0].x = f64::NAN;
    assert!(!html(&page).contains("id=\"map\""));
}

#[test]
fn labels_and_intervals_are_read_beside_the_baselines() {
    let metric = Metric {
        name: "ari".into(),
        label_based: true,
        scores: vec![score("latent", 0.412), score("raw", 0.3), score("pca", -0.05), score("chance", 0.0)],
        ..Metric::default()
    };
    let free = Metric { name: "silhouette".into(), scores: vec![score("latent", 0.9)], ..Metric::default() };
    let alone = html(&Page { metrics: vec![free.clone()], ..Page::default() });
    assert!(alone.contains("latent silhouette") && !alone.contains("class=\"forest\""));
    let page = html(&Page { metrics: vec![free, metric], ..Page::default() });
    assert!(page.contains("latent ARI") && page.contains("0.412") && page.contains("[0.312, 0.512]"));
    assert!(page.contains("−0.050"));
    assert!(page.find("Against labels").unwrap() < page.find("Without labels").unwrap());
}
