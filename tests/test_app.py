"""Putting a router together: everything opened is closed, the first start has what it needs, nothing is weakened."""

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from router.app import Application, build, secret_files_in, secrets_in
from router.casework.read import stats
from router.errors import BadInput, CannotStart, Unavailable
from router.hosting.location.url import read
from router.settings import Settings
from router.store.connect import is_made
from router.store.schema.tables import sources
from tests.refreshed import refreshed

RESOLVERS = ("127.0.0.1:9",)  # nobody listens there


def settings(folder: Path, **more: object) -> Settings:
    return Settings.load(data_dir=folder, name="child-focus-be", home="BE", resolvers=RESOLVERS, **more)


async def test_a_first_start_has_a_policy_a_directory_and_sources(tmp_path: Path) -> None:
    async with build(settings(tmp_path)) as router:
        version, policy = await router.ctx.governance.policy()
        directory = await router.ctx.governance.directory()
        known = {row["name"] for row in await router.store.rows(select(sources))}
        assert router.ctx.prober is None, "no reported host is asked unless the operator says so"
    assert (version, policy.home) == (1, "BE")
    assert directory.named("federal-police") is not None
    assert {"form", "analysts", "crawler"} <= known
    for secret in ("master.key", "identity.key"):
        assert (tmp_path / secret).stat().st_mode & 0o077 == 0


async def test_a_second_start_is_the_same_router(tmp_path: Path) -> None:
    async with build(settings(tmp_path)) as router:
        first = router.signer.public
    async with build(settings(tmp_path, probe_from=("127.0.0.9",))) as router:
        assert router.ctx.prober is not None
        assert router.signer.public == first
        assert (await router.ctx.governance.policy())[0] == 1


async def test_another_master_key_is_refused_in_one_sentence(tmp_path: Path) -> None:
    async with build(settings(tmp_path)):
        pass
    (tmp_path / "master.key").write_text("ab" * 32, encoding="ascii")
    with pytest.raises(CannotStart, match="master key"):
        async with build(settings(tmp_path)):
            pass


async def test_a_lost_master_key_is_asked_for_and_no_other_is_made(tmp_path: Path) -> None:
    async with build(settings(tmp_path)):
        pass
    key = (tmp_path / "master.key").read_bytes()
    (tmp_path / "master.key").unlink()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(CannotStart, match=r"put the master\.key that belongs to it back") as refused:
        async with build(settings(tmp_path)):
            pass
    assert (refused.value.exit_code, sorted(tmp_path.iterdir())) == (3, before)
    (tmp_path / "master.key").write_bytes(key)
    (tmp_path / "master.key").chmod(0o600)
    async with build(settings(tmp_path)):
        pass


async def test_a_key_that_another_process_makes_at_this_moment_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found neither: the other one has made key and database by the time this one has looked."""
    async with build(settings(tmp_path)) as router:
        first = router.signer.public
    key = (tmp_path / "master.key").rename(tmp_path / "kept")

    async def made(url: str | None, folder: Path) -> bool:
        found = await is_made(url, folder)
        key.rename(tmp_path / "master.key")
        return found

    monkeypatch.setattr("router.app.is_made", made)
    async with build(settings(tmp_path)) as router:
        assert router.signer.public == first


async def test_two_processes_have_two_names_in_leases(tmp_path: Path) -> None:
    async with build(settings(tmp_path / "one")) as one, build(settings(tmp_path / "two")) as two:
        assert one.ctx.owner != two.ctx.owner


def test_a_secret_is_a_file_that_only_we_can_read(tmp_path: Path) -> None:
    (tmp_path / "police").write_text("whsec_x\n", encoding="utf-8")
    (tmp_path / "police").chmod(0o600)
    secret = secrets_in(tmp_path)
    assert secret("police") == "whsec_x"
    (tmp_path / "police").chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600"):
        secret("police")
    with pytest.raises(BadInput, match="no secret file"):
        secret("nobody")


def test_a_secret_that_was_replaced_is_read_anew_and_one_that_is_open_to_others_no_more(tmp_path: Path) -> None:
    file = tmp_path / "police"
    file.touch(mode=0o600)
    secret = secrets_in(tmp_path)
    for written, said in enumerate(("old", "new")):
        file.write_text(said)
        os.utime(file, ns=(written, written))
        assert secret("police") == said
    file.chmod(0o644)
    with pytest.raises(BadInput, match="read by others"):
        secret("police")


def test_a_secret_may_be_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "iccam.p12"
    file.touch(mode=0o600)
    file.write_bytes(b"\x30\x82\xff \n")
    assert secret_files_in(tmp_path)("iccam.p12") == b"\x30\x82\xff \n"
    with pytest.raises(BadInput, match="no text") as refused:
        secrets_in(tmp_path)("iccam.p12")
    assert refused.value.__context__ is None


async def test_as_an_asgi_application_it_opens_and_closes_with_the_server(tmp_path: Path) -> None:
    app = Application(settings(tmp_path))
    heard: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    said: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def send(message: dict[str, str]) -> None:
        await said.put(message)

    living = asyncio.create_task(app({"type": "lifespan"}, heard.get, send))  # type: ignore[arg-type] # what servers pass
    await heard.put({"type": "lifespan.startup"})
    assert (await said.get())["type"] == "lifespan.startup.complete"
    await heard.put({"type": "lifespan.shutdown"})
    assert (await said.get())["type"] == "lifespan.shutdown.complete"
    await living


async def test_what_keeps_it_from_starting_is_told_to_the_server(tmp_path: Path) -> None:
    app = Application(settings(tmp_path, database="mysql://no"))
    said: list[dict[str, str]] = []

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: dict[str, str]) -> None:
        said.append(message)

    await app({"type": "lifespan"}, receive, send)  # type: ignore[arg-type] # what servers pass
    assert [one["type"] for one in said] == ["lifespan.startup.failed"]
    assert "sqlite" in said[0]["message"]


async def test_a_store_that_is_away_is_said_so(tmp_path: Path) -> None:
    with pytest.raises((Unavailable, CannotStart)):
        async with build(settings(tmp_path, database="postgresql://nobody@127.0.0.1:9/none")):
            pass


async def test_the_application_knows_how_old_its_data_are(tmp_path: Path) -> None:
    async with build(settings(tmp_path)) as router:
        found = await stats.stats(router.ctx)
        page = router.api().state.metrics.page(found, router.ctx.clock.now()).decode()
        assert all(f'dataset_age_seconds{{dataset="{name}"}}' in page for name in router.data.infos)


async def test_a_running_router_takes_up_refreshed_data(tmp_path: Path) -> None:
    """Nobody restarts it: its next trace, its next decision's evidence and its figures follow."""
    async with build(settings(tmp_path), look_every=0.02) as router:
        page = router.api().state.metrics.page

        async def age() -> float:
            text = page(await stats.stats(router.ctx), router.ctx.clock.now()).decode()
            return next(float(row.split()[-1]) for row in text.splitlines() if 'dataset="geolocation"' in row)

        def as_of() -> str | None:
            (address,) = router.ctx.tracer.offline(read("http://3.120.0.1/")).addresses
            return next(one.as_of for one in address.evidence if one.source == "geolocation")

        shipped, before = as_of(), await age()
        refreshed(tmp_path, "2026-11-21")
        async with asyncio.timeout(10):
            while as_of() == shipped:  # noqa: ASYNC110 - it is files that change
                await asyncio.sleep(0.02)
        assert as_of() == "2026-11-21"
        assert await age() < before


async def test_a_sign_in_provider_needs_our_own_address(tmp_path: Path) -> None:
    oidc = {"issuer": "https://id.hotline.test", "client_id": "router", "secret": "oidc", "title": "House"}
    settings = Settings.load(data_dir=tmp_path, signin={"oidc": oidc})
    with pytest.raises(CannotStart) as caught:
        async with build(settings):
            pass
    assert caught.value.field == "public_url"
    settings = Settings.load(data_dir=tmp_path, signin={"oidc": oidc}, public_url="https://router.hotline.test")
    async with build(settings) as router:
        assert router.ctx.door.provider is not None
