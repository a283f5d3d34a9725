"""Who makes, sees and ends personal links: one's own, and those of whoever one may invite."""

from tests.access.rows import Row, api, portal_page, staff_page
from tests.access.table_partners import EDITORS, seller_seat

ROWS = [
    Row("partners:seat_link", "POST", staff_page(EDITORS), kwargs=seller_seat),
    Row("partners:seat_link_end", "POST", staff_page(EDITORS, 302), kwargs=seller_seat),
    Row("partners:portal_seat_link", "POST", portal_page(200, seller=403), kwargs=seller_seat),
    Row("partners:portal_seat_link_end", "POST", portal_page(302, seller=403), kwargs=seller_seat),
    Row("partners:portal_link", "GET", portal_page(birch=200)),
    Row("partners:portal_link", "POST", portal_page(birch=200)),
    Row("partners:portal_link_end", "POST", portal_page(302, birch=302)),
    # The seat is a seller's own, so the seller may too; before one is made there is none to read.
    Row("api:person-link", "GET", api(EDITORS, 404, alder=404, birch=404), kwargs=seller_seat),
    Row("api:person-link", "POST", api(EDITORS, 201, alder=201, birch=404), kwargs=seller_seat),
    Row("api:person-link", "DELETE", api(EDITORS, 204, alder=204, birch=404), kwargs=seller_seat),
]
