"""The page on which somebody invited as staff chooses a password."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import ResetPasswordForm

from portal.blueprint import portal
from web.accounts.invitations import USED, BadInvitation, accept, read_invitation
from web.runtime import now


@portal.route("/undangan/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    try:
        link = read_invitation(token, at=now())
    except BadInvitation as refusal:
        return _over(str(refusal))
    form = ResetPasswordForm()
    form.user = link.person
    if form.validate_on_submit():
        if not accept(link, form.password.data, at=now()):
            return _over(USED)
        flash("Kata sandi sudah disimpan. Silakan masuk.", "success")
        return redirect(url_for("security.login"))
    page = render_template(
        "portal/invitation.html", form=form, person=link.person, until=link.until
    )
    return page, 422 if request.method == "POST" else 200


def _over(reason: str):
    return render_template("portal/invitation_over.html", reason=reason), 410
