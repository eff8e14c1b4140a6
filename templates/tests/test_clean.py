"""mode=clean, on a real Datastore emulator."""

from conftest import Files, clean, item, load, similar, stored
from google.cloud import datastore


def put(store: datastore.Client, kind: str, *names: str | int) -> None:
    store.put_multi([datastore.Entity(store.key(kind, name)) for name in names])


def test_models_to_keep_stay_and_all_others_go(store: datastore.Client, files: Files) -> None:
    files.write([similar("a", ("b", 0.5))], [item("a"), item("b")])
    for model in ("2026-11-19.1", "2026-11-20.1", "2026-11-20.10", "2026-11-21.1"):
        load(store, files, model=model)
    assert clean(store, "2026-11-21.1,2026-11-20.1") == {"entities": 0, "rejected": 0, "deleted": 6}
    names = {name for _, name in stored(store)}
    assert names == {
        f"{key}{model}" for model in ("2026-11-20.1", "2026-11-21.1") for key in ("", "a:", "b:")
    }


def test_a_model_that_is_newer_than_the_job_stays(store: datastore.Client) -> None:
    put(store, "Neighbours", "a:2026-11-20.2", "a:2026-11-20.10", "a:2026-11-21.1")
    assert clean(store, "2026-11-19.1", model="2026-11-20.9")["deleted"] == 1
    assert {name for _, name in stored(store)} == {"a:2026-11-20.10", "a:2026-11-21.1"}


def test_what_a_load_left_half_written_goes_too(store: datastore.Client) -> None:
    put(store, "Neighbours", "a:2026-11-19.1", "b:2026-11-19.1", "a:2026-11-20.1")
    assert clean(store, "2026-11-20.1")["deleted"] == 2
    assert set(stored(store)) == {("Neighbours", "a:2026-11-20.1")}


def test_the_model_follows_the_last_colon_whatever_the_id_contains(store: datastore.Client) -> None:
    put(store, "Neighbours", "a:2026-11-20.1:2026-11-19.1", "::2026-11-19.1", "🌂:x:2026-11-19.1")
    put(store, "Neighbours", "a:2026-11-19.1:2026-11-20.1", "größe 42:2026-11-20.1")
    assert clean(store, "2026-11-20.1")["deleted"] == 3
    names = {name for _, name in stored(store)}
    assert names == {"a:2026-11-19.1:2026-11-20.1", "größe 42:2026-11-20.1"}


def test_what_is_not_ours_is_counted_and_left_alone(store: datastore.Client) -> None:
    put(store, "Neighbours", "no-model", "2026-11-19.1", "a:2026-11-19", "a:2026-11-19.1 ", "a:", 7)
    put(store, "Model", "a:2026-11-19.1", "latest", 7)
    put(store, "Other", "2026-11-19.1")
    before = stored(store)
    assert clean(store, "2026-11-20.1") == {"entities": 0, "rejected": 9, "deleted": 0}
    assert stored(store) == before


def test_other_shops_are_not_touched(store: datastore.Client) -> None:
    other = datastore.Client(store.project, namespace=f"{store.namespace}-2")
    for each in (store, other):
        put(each, "Model", "2026-11-19.1")
    assert clean(store, "2026-11-20.1")["deleted"] == 1
    assert stored(store) == {}
    assert set(stored(other)) == {("Model", "2026-11-19.1")}


def test_cleaning_an_empty_namespace_deletes_nothing(store: datastore.Client) -> None:
    assert clean(store, "2026-11-20.1") == {"entities": 0, "rejected": 0, "deleted": 0}
