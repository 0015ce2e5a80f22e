"""What access refuses."""

from kashu.core.errors import Busy, Conflict, Invalid, NotAllowed, NotFound, NotSignedIn


class SignInFailed(NotSignedIn):
    """Never says which of the three was wrong, nor whether the account is locked or exists."""

    code = "sign_in_failed"
    zh = "商户、登录名或密码不对，或者登录已被暂时锁定。请核对后再试；连续输错请等待 15 分钟。"
    en = (
        "The shop, login or password is wrong, or signing in is locked for a while. Check them; "
        "after several failures wait 15 minutes."
    )


class SignInBusy(Busy):
    """More people sign in at once than we check passwords for."""

    code = "sign_in_busy"
    zh = "登录的人太多，请稍等几秒再试。"
    en = "Too many people are signing in. Try again in a few seconds."


class SessionOver(NotSignedIn):
    """The cookie's session ended, ran out or never was."""

    code = "session_over"
    zh = "登录已过期，请重新登录。"
    en = "Your session is over. Sign in again."


class CsrfTokenWrong(NotAllowed):
    """A browser sent the cookie, but nothing proves that our own page asked it to."""

    code = "csrf_token_wrong"
    zh = "请求缺少防伪令牌，没有执行。请刷新页面后重试；程序调用请在 X-Kashu-CSRF 中附上令牌。"
    en = (
        "The request lacks its anti-forgery token and was not done. Reload the page; a program "
        "sends the token of GET /v1/me as X-Kashu-CSRF."
    )


class SignatureUnreadable(NotSignedIn):
    """The headers of a signed request don't have the form they should."""

    code = "signature_unreadable"
    zh = "签名请求头 {header} 缺失或格式不对。请按文档的格式发送。"
    en = "The header {header} of a signed request is missing or malformed. See the documentation."


class SignatureWrong(NotSignedIn):
    """Never says whether the key is unknown, revoked, over, or the signature is wrong."""

    code = "signature_wrong"
    zh = "签名不对，或者密钥已停用。请核对密钥与签名步骤（方法、路径、时间、随机数、正文）。"
    en = (
        "The signature is wrong or the key no longer valid. Check the key and what was signed: "
        "method, path, time, nonce, body."
    )


class TimestampOutside(NotSignedIn):
    """Too old or too far ahead."""

    code = "timestamp_outside"
    zh = "请求时间与服务器相差超过 {limit_s} 秒（服务器时间 {server_time}）。请校准时钟后重新签名。"
    en = (
        "The request's time is more than {limit_s} s from ours ({server_time}). Set the clock "
        "and sign again."
    )


class NonceUsed(NotSignedIn):
    """This very request was here before."""

    code = "nonce_used"
    zh = "这个随机数已经用过，请求没有执行。请换一个新的随机数重新签名。"
    en = "This nonce was used before; nothing was done. Sign again with a new one."


class BodyHashMissing(Invalid):
    """A signed large body is hashed while it streams, so its hash is told beforehand."""

    code = "body_hash_missing"
    zh = "超过 {limit_bytes} 字节的签名请求，请在 X-Kashu-Content-SHA256 中附上正文的 SHA-256。"
    en = (
        "A signed body above {limit_bytes} bytes needs its SHA-256 in the header "
        "X-Kashu-Content-SHA256."
    )


class NulCharacter(Invalid):
    """PostgreSQL has no text with U+0000, and nobody types it."""

    code = "nul_character"
    zh = "文字中含有空字符（U+0000）。请删去后重发。"
    en = "A text has a NUL character (U+0000) in it. Remove it, then send it again."


class TenantCodeInvalid(Invalid):
    """Not a code."""

    code = "tenant_code_invalid"
    zh = "商户代码须为 2–32 位小写字母、数字或短横线，以字母开头。请换一个。"
    en = "A shop's code is 2 to 32 lower-case letters, digits or hyphens, a letter first."


class TimezoneUnknown(Invalid):
    """Not in the time zone database."""

    code = "timezone_unknown"
    zh = "没有时区「{timezone}」。请写 IANA 名称，例如 Asia/Shanghai。"
    en = "There is no time zone “{timezone}”. Write an IANA name such as Asia/Shanghai."


class TenantExists(Conflict):
    """The code is taken."""

    code = "tenant_exists"
    zh = "商户代码 {tenant} 已经有人使用。请换一个。"
    en = "The shop code {tenant} is taken. Choose another."


class TenantUnknown(NotFound):
    """No such shop."""

    code = "tenant_unknown"
    zh = "没有商户 {tenant}。请核对代码。"
    en = "There is no shop {tenant}. Check its code."


class LoginInvalid(Invalid):
    """Not a login."""

    code = "login_invalid"
    zh = "登录名须为 2–64 位字母、数字或 . _ @ + -，以字母或数字开头。请换一个。"
    en = "A login is 2 to 64 letters, digits or . _ @ + -, a letter or digit first."


class StaffExists(Conflict):
    """The login is taken."""

    code = "staff_exists"
    zh = "登录名 {login} 已经存在。请换一个；若要重设密码，请为该员工重新发出邀请。"
    en = "The login {login} exists. Choose another; to reset a password, invite that person again."


class StaffUnknown(NotFound):
    """No such person here."""

    code = "staff_unknown"
    zh = "没有这位员工。请刷新名单后再试。"
    en = "No such person. Read the list again."


class StaffDisabled(Conflict):
    """A disabled person isn't invited."""

    code = "staff_disabled"
    zh = "该员工已停用。请先启用，再发邀请。"
    en = "This person is disabled. Enable them first, then invite."


class LastOwner(Conflict):
    """A shop always has an owner who can sign in."""

    code = "last_owner"
    zh = "商户至少要有一位可登录的所有者。请先任命另一位所有者。"
    en = "A shop keeps at least one owner who can sign in. Appoint another owner first."


class MoreThanYouHave(NotAllowed):
    """Nobody gives away more than they have."""

    code = "more_than_you_have"
    zh = "不能授予或改动您自己没有的权限（{permission}）。请联系商户所有者。"
    en = "You can't give or change the permission {permission}, which you lack. Ask the owner."


class InvitationUnusable(NotFound):
    """Unknown, used or over: we don't say which."""

    code = "invitation_unusable"
    zh = "邀请链接无效、已使用或已过期。请联系商户所有者重新发送。"
    en = "The invitation is unknown, used or over. Ask the owner for a new one."


class PasswordWeak(Invalid):
    """Too easy to guess."""

    code = "password_weak"
    zh = "密码太简单：至少 {minimum} 个字符，不能含有登录名，也不能只重复几个字符。请换一个。"
    en = (
        "The password is too weak: at least {minimum} characters, without the login in it, and "
        "not the same few characters over. Choose another."
    )


class KeyUnknown(NotFound):
    """No such key here, or it is revoked already."""

    code = "key_unknown"
    zh = "没有这个密钥，或者已经停用。请刷新列表。"
    en = "No such key, or it is revoked already. Read the list again."


class KeyIsBound(NotAllowed):
    """What was asked for concerns the whole shop, and the key is of one store or customer."""

    code = "key_is_bound"
    zh = "这个密钥只能用于它绑定的店铺或客户的订单。请用订单接口，或联系商户所有者。"
    en = "This key is only for orders of its own store or customer. Use those, or ask the owner."


class KeyBoundUnknown(NotFound):
    """The store or customer that a key shall be bound to isn't this merchant's."""

    code = "key_bound_unknown"
    zh = "没有要绑定的店铺或客户，密钥没有创建。请核对编号。"
    en = "There is no such store or customer to bind the key to; none was made. Check the id."


class KeyExpiryPast(Invalid):
    """A key that is over before it begins."""

    code = "key_expiry_past"
    zh = "密钥的到期时间已经过去。请填写将来的时间，或留空。"
    en = "The key's expiry is in the past. Give a time to come, or none."


class OptionHidden(Invalid):
    """An option came back as it is shown, hidden, and none is stored for this application."""

    code = "option_hidden"
    zh = "选项 {name} 填的是隐藏的显示（•••），没有可以沿用的值，没有改动。请重新填写它的值。"
    en = "The option {name} came back hidden (•••) and isn't stored. Nothing was changed; enter it."
