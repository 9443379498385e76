"""What the tests of landing share: a small project with every kind of rule, and a landing folder to fill."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.landing import LandReport, land
from pipelines.landing.declarations import Declarations, load_declarations

NOW = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)

SOURCES = """
version: 2
sources:
  - name: shop
    config: {meta: {timezone: UTC}}
    tables:
      - name: visits
        identifier: shop__visits
        config:
          meta:
            key: [visit_id]
            not_before: {left_at: [came_at]}
        columns:
          - {name: visit_id, data_type: text, config: {meta: {required: true}}}
          - {name: people, data_type: integer, config: {meta: {min: 1}}}
          - {name: mood, data_type: integer, config: {meta: {min: 1, max: 5}}}
          - {name: age, data_type: integer, config: {meta: {max: 150}}}
          - {name: spent, data_type: number, config: {meta: {greater_than: 0}}}
          - {name: is_member, data_type: boolean}
          - {name: born_on, data_type: date}
          - {name: came_at, data_type: timestamp, config: {meta: {required: true}}}
          - {name: left_at, data_type: timestamp}
          - {name: outcome, data_type: text, config: {meta: {values: [bought, "left, silent", it's]}}}
          - {name: code, data_type: text, config: {meta: {pattern: "^[A-Z]{2}[0-9]+$"}}}
          - {name: zone, data_type: text, config: {meta: {format: time_zone}}}
          - {name: card, data_type: integer, config: {meta: {personal: true}}}
          - {name: note, data_type: text}
          - {name: channel, data_type: text, config: {meta: {words_of: channels}}}
          - {name: stayed_seconds, data_type: number, config: {meta: {min: 0}}}
      - name: votes
        identifier: shop__votes
        config: {meta: {key: [vote_id], forbidden_columns: [agent]}}
        columns:
          - {name: vote_id, data_type: text, config: {meta: {required: true}}}
          - {name: score, data_type: integer}
  - name: vendor
    config: {meta: {timezone: Europe/Bucharest}}
    tables:
      - name: calls
        identifier: vendor__calls
        config: {meta: {key: [line], files: ["calls*"], rename: {"the+line": line}}}
        columns:
          - {name: line, data_type: text, config: {meta: {required: true}}}
          - {name: began_at, data_type: timestamp}
      - name: orders
        identifier: vendor__orders
        config: {meta: {key: [order_id]}}
        columns:
          - {name: order_id, data_type: text, config: {meta: {required: true}}}
          - {name: ordered_on, data_type: date, config: {meta: {format: "%d.%m.%Y"}}}
          - {name: ordered_at, data_type: timestamp, config: {meta: {format: "%d/%m/%Y %H:%M"}}}
          - {name: packed_at, data_type: timestamp, config: {meta: {format: "%d/%m/%Y %H:%M %z"}}}
          - {name: sent_at, data_type: timestamp, config: {meta: {format: epoch_seconds}}}
          - {name: came_at, data_type: timestamp, config: {meta: {format: epoch_milliseconds}}}
          - {name: took, data_type: integer, config: {meta: {format: hms}}}
  - name: switch
    config:
      meta:
        timezone: Europe/Berlin
        nulls: ["-", NaN]
        open_ends: ["9999-12-31", open]
        clock_tolerance_seconds: 1
        max_seconds: 3600
    tables:
      - name: stints
        identifier: switch__stints
        config:
          meta:
            key: [stint_id]
            events: [started_at, answered_at, ended_at]
            not_before: {answered_at: [started_at], ended_at: [started_at, answered_at]}
            durations: {ended_at: {started_at: [ring_seconds, talk_seconds], answered_at: [talk_seconds]}}
            required_when: {answered_at: outcome = 'done' and talk_seconds > 0}
        columns:
          - {name: stint_id, data_type: text, config: {meta: {required: true}}}
          - {name: started_at, data_type: timestamp, config: {meta: {required: true}}}
          - {name: answered_at, data_type: timestamp}
          - {name: ended_at, data_type: timestamp, config: {meta: {is_end: true}}}
          - {name: ring_seconds, data_type: integer, config: {meta: {min: 0}}}
          - {name: talk_seconds, data_type: integer, config: {meta: {min: 0}}}
          - {name: outcome, data_type: text, config: {meta: {values: [done, none, "-"]}}}
          - {name: since, data_type: timestamp}
"""


@dataclass
class Landing:
    """A warehouse in memory, a landing folder and the declarations above.

    What lands is kept in tables, or with `landed` as Parquet files in that folder.
    """

    folder: Path
    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    sources: str = SOURCES
    landed: Path | None = None

    def __post_init__(self) -> None:
        """Write the sources YAML."""
        yaml = self.folder / "project" / "models" / "staging" / "shop" / "_shop__sources.yml"
        yaml.parent.mkdir(parents=True)
        yaml.write_text(self.sources, encoding="utf-8")
        seed = self.folder / "project" / "seeds" / "settings" / "channels.csv"
        seed.parent.mkdir(parents=True)
        seed.write_text("channel,channel_name\nvoice,Voice\nWhatsApp,WhatsApp\n", encoding="utf-8")
        self.extracts.mkdir(exist_ok=True)

    @property
    def extracts(self) -> Path:
        """The landing folder."""
        return self.folder / "extracts"

    @property
    def declarations(self) -> Declarations:
        """The declarations of the small project."""
        return load_declarations(self.folder / "project")

    def write(self, path: str, content: bytes | str) -> Path:
        """Write an extract file."""
        file = self.extracts / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def land(self, as_of: datetime | None = None) -> LandReport:
        """Land what is in the folder, and check what holds for every landing: nothing goes uncounted."""
        report = land(
            self.connection,
            self.extracts,
            self.declarations,
            run_id="run",
            now=NOW,
            as_of=as_of,
            landed=self.landed,
        )
        for result in report.files:
            assert result.lines == result.loaded + result.rejected
            if result.status == "landed":
                loaded = f"select count(*) from raw.{result.source}__{result.table} where _load_id = $id"
                rejected = "select count(*) from ops.rejected_rows where load_id = $id"
                assert self.query(loaded, id=result.load_id) == [(result.loaded,)]
                assert self.query(rejected, id=result.load_id) == [(result.rejected,)]
        return report

    def query(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(sql, parameters).fetchall()

    def visits(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the landed visits, by load and line."""
        return self.query(f"select {', '.join(columns)} from raw.shop__visits order by _load_id, _line")

    def rejects(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the rejects, by load and line."""
        return self.query(f"select {', '.join(columns)} from ops.rejected_rows order by load_id, line")
