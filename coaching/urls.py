"""Addresses of the participants' door and home, and of the pages on which staff accompany them."""

from django.urls import path

from coaching.views import contact, door, home, links, messages, people

app_name = "coaching"
urlpatterns = [
    path("join/<slug:slug>/", door.welcome, name="join"),
    path("join/<slug:slug>/eligibility/", door.eligibility, name="eligibility"),
    path("join/<slug:slug>/consent/", door.consent, name="consent"),
    path("join/<slug:slug>/contact/", door.join_contact, name="join_contact"),
    path("p/<str:token>/", links.link, name="link"),
    path("u/<str:token>/", links.unsubscribe, name="unsubscribe"),
    path("me/", home.home, name="home"),
    path("me/next/", home.next_step, name="next"),
    path("me/contact/", contact.contact, name="contact"),
    path("me/link/", links.mail_link, name="mail_link"),
    path("me/pause/", home.pause, name="pause"),
    path("me/resume/", home.resume, name="resume"),
    path("me/language/", home.choose_language, name="language"),
    path("me/mail/", home.resume_mail, name="resume_mail"),
    path("me/sign-out/", home.sign_out, name="sign_out"),
    path("people/", people.people_of_all, name="people_of_all"),
    path("studies/<slug:slug>/people/", people.list_people, name="people"),
    path("studies/<slug:slug>/people/<str:pseudonym>/", people.person, name="person"),
    path("studies/<slug:slug>/people/<str:pseudonym>/contact/", people.reveal_contact, name="reveal_contact"),
    path("studies/<slug:slug>/people/<str:pseudonym>/pause/", people.pause_person, name="pause_person"),
    path("studies/<slug:slug>/people/<str:pseudonym>/links/", people.revoke_links, name="revoke_links"),
    path("studies/<slug:slug>/messages/", messages.list_messages, name="messages"),
    path("studies/<slug:slug>/messages/<uuid:key>/", messages.resolve_message, name="resolve_message"),
    path("studies/<slug:slug>/door/", people.reopen_door, name="reopen_door"),
]
