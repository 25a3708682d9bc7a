"""The schema of our own database. Migrations in `sql/migrations` must build exactly this; a test compares them.

What lies beside the road of a submission has its tables in the folder that reads and writes them; here they are only
made known, so that `metadata` has all of them.
"""

from baocao.store.inspection_register import inspection_tables as inspection_tables
from baocao.store.lead_bodies import lead_tables as lead_tables
from baocao.store.mailbox import mailbox_tables as mailbox_tables
from baocao.store.portal import portal_tables as portal_tables
from baocao.store.signed_copies import copy_tables as copy_tables
from baocao.store.tables.base import Instant as Instant
from baocao.store.tables.base import metadata as metadata
from baocao.store.tables.events import event as event
from baocao.store.tables.events import event_head as event_head
from baocao.store.tables.mail import outbox as outbox
from baocao.store.tables.mail import reminder as reminder
from baocao.store.tables.periods import obligation as obligation
from baocao.store.tables.periods import pack_version as pack_version
from baocao.store.tables.periods import special_period as special_period
from baocao.store.tables.periods import waiver as waiver
from baocao.store.tables.periods import waiver_withdrawal as waiver_withdrawal
from baocao.store.tables.periods import window as window
from baocao.store.tables.reports import approval as approval
from baocao.store.tables.reports import correction as correction
from baocao.store.tables.reports import dispatch as dispatch
from baocao.store.tables.reports import gate as gate
from baocao.store.tables.reports import long_work as long_work
from baocao.store.tables.reports import narrative_text as narrative_text
from baocao.store.tables.reports import report as report
from baocao.store.tables.reports import report_basis as report_basis
from baocao.store.tables.reports import report_input as report_input
from baocao.store.tables.reports import report_value as report_value
from baocao.store.tables.reports import revocation as revocation
from baocao.store.tables.reports import source_decision as source_decision
from baocao.store.tables.submissions import cell as cell
from baocao.store.tables.submissions import finding as finding
from baocao.store.tables.submissions import list_cell as list_cell
from baocao.store.tables.submissions import official_submission as official_submission
from baocao.store.tables.submissions import submission as submission
from baocao.store.tables.submissions import submission_given_back as submission_given_back
