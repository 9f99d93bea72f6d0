"""Addresses of what people may do with their own data, and of erasure by staff."""

from django.urls import path

from privacy.views import own, staff

app_name = "privacy"
urlpatterns = [
    path("me/data/", own.my_data, name="my_data"),
    path("me/data/download/", own.download, name="download"),
    path("me/withdraw/", own.withdraw, name="withdraw"),
    path("me/erase/", own.erase, name="erase"),
    path("me/erased/", own.erased, name="erased"),
    path("studies/<slug:slug>/people/<str:pseudonym>/erase/", staff.erase_person, name="erase_person"),
]
