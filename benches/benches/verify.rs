//! Whole verifications beside the raw signature checks of the same bytes; then the ratio of the two,
//! measured interleaved.
#![allow(missing_docs, reason = "criterion's macros make the items")]

use std::hint::black_box;

use benches::{Asking, List, Work, worst_inputs};
use criterion::{Criterion, criterion_group, criterion_main};
use staffpass::request::Protocol;

fn verifications(criterion: &mut Criterion) {
    for (name, work) in [
        ("vp_3_vc_es256", Work::presentation(3)),
        ("vp_50_vc_es256", Work::presentation(50)),
        ("authenticator_es256k", Work::authenticator()),
        ("sd_jwt_10_disclosures", Work::sd_jwt()),
    ] {
        let mut group = criterion.benchmark_group(name);
        group.bench_function("raw_checks", |bencher| bencher.iter(|| work.raw_checks()));
        group.bench_function("verify", |bencher| bencher.iter(|| black_box(work.verify())));
        group.finish();
    }
}

fn requests(criterion: &mut Criterion) {
    for (name, protocol) in [
        ("request_openid4vp", Protocol::OpenId4Vp),
        ("request_microsoft", Protocol::JwtVcPresentationProfile),
    ] {
        let mut asking = Asking::new(protocol);
        let mut group = criterion.benchmark_group(name);
        group.bench_function("raw_signature", |bencher| bencher.iter(|| asking.raw_signature()));
        group.bench_function("built_and_signed", |bencher| bencher.iter(|| asking.ask()));
        group.finish();
    }
}

fn status(criterion: &mut Criterion) {
    let list = List::of_a_million();
    let mut warm = list.evidence();
    list.insert(&mut warm);
    let mut group = criterion.benchmark_group("status_list_of_a_million");
    group.bench_function("credential_without", |bencher| {
        bencher.iter(|| list.verify_without_status(&warm));
    });
    group.bench_function("credential_with", |bencher| bencher.iter(|| list.verify(&warm)));
    group.bench_function("inserted_and_verified", |bencher| {
        bencher.iter(|| {
            let mut evidence = list.evidence();
            list.insert(&mut evidence);
            list.verify(&evidence);
        });
    });
    group.finish();
}

fn worst(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("worst_input");
    group.sample_size(10);
    for input in worst_inputs() {
        group.bench_function(input.name, |bencher| bencher.iter(|| input.judge()));
    }
    group.finish();
}

criterion_group!(benches, verifications, requests, status, worst);
criterion_main!(benches);
