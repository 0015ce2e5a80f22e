"""What access refuses of second factors, passkeys, and what people change about themselves."""

from kashu.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn


class SignInLapsed(NotSignedIn):
    """The password was right, but that is too long ago, or it was used up."""

    code = "sign_in_lapsed"
    zh = "登录的第二步已超时或已失效。请重新输入密码。"
    en = "The second step of signing in took too long or is used up. Begin again with the password."


class SecondFactorWrong(NotSignedIn):
    """Never says whether the code is wrong, used already, or signing in is locked for a while."""

    code = "second_factor_wrong"
    zh = (
        "验证码不对或已经用过，或者登录已被暂时锁定。请等待下一个验证码再试；"
        "连续输错请等待 15 分钟。"
    )
    en = (
        "The code is wrong or was used already, or signing in is locked for a while. Wait for the "
        "next code; after several failures wait 15 minutes."
    )


class ProofNeeded(NotAllowed):
    """What was asked for changes how somebody signs in, and the session isn't fresh."""

    code = "proof_needed"
    zh = "这项操作需要再次确认身份。请附上您的登录密码后重试。"
    en = "This needs you to prove again who you are. Repeat it with your password."


class ProofWrong(NotAllowed):
    """The password isn't theirs, or is locked for a while."""

    code = "proof_wrong"
    zh = "密码不对，或者登录已被暂时锁定，没有改动。请核对后再试；连续输错请等待 15 分钟。"
    en = (
        "The password is wrong, or signing in is locked for a while. Nothing was changed; check "
        "it, and after several failures wait 15 minutes."
    )


class OnlyForPeople(NotAllowed):
    """A program has no password, no second factor and no preferences."""

    code = "only_for_people"
    zh = "这项操作只能由登录的员工进行，接口密钥不能使用。请在控制台登录后操作。"
    en = "Only somebody who is signed in can do this, no API key. Sign in to the console."


class SecondFactorRequired(NotAllowed):
    """The shop asks for a second factor, and this person has none yet."""

    code = "second_factor_required"
    zh = "本商户要求您的角色使用两步验证。请先在“我的账号”中添加验证器或通行密钥。"
    en = (
        "This shop asks your role for a second factor. First add an authenticator or a passkey "
        "to your account."
    )


class SecondFactorKept(Conflict):
    """The last one can't go while the shop asks for one."""

    code = "second_factor_kept"
    zh = "本商户要求您的角色使用两步验证，最后一种方式不能移除。请先添加另一种。"
    en = "This shop asks your role for a second factor; the last one stays. Add another first."


class SecondFactorMissing(Conflict):
    """Whoever asks others for a second factor has one."""

    code = "second_factor_missing"
    zh = "您自己还没有两步验证。请先为自己添加，再对角色作要求，以免把自己挡在门外。"
    en = "You have no second factor yourself. Add one first, or you would lock yourself out."


class NoAuthenticatorShown(Conflict):
    """Nothing was begun, or too long ago."""

    code = "no_authenticator_shown"
    zh = "没有等待确认的验证器，或已超过 15 分钟。请重新开始添加。"
    en = "No authenticator waits to be confirmed, or it took over 15 minutes. Begin again."


class AuthenticatorCodeWrong(Invalid):
    """The app shows something else."""

    code = "authenticator_code_wrong"
    zh = "验证码不对，验证器还没有启用。请检查手机时间是否准确，再输入当前显示的 6 位数字。"
    en = (
        "The code is wrong; the authenticator isn't in force yet. See that the phone's clock is "
        "right, then enter the six digits it shows now."
    )


class NoSuchFactor(NotFound):
    """There is none to remove, or to make codes for."""

    code = "no_such_factor"
    zh = "没有这个验证方式。请刷新后再试。"
    en = "There is no such factor. Read the list again."


class PasskeyRefused(Invalid):
    """What the authenticator sent isn't what we asked for. Never says what exactly."""

    code = "passkey_refused"
    zh = "通行密钥没有通过校验，或者请求已超过 5 分钟。请重新开始；若仍不行，请改用其他方式。"
    en = (
        "The passkey didn't pass the check, or the request is older than 5 minutes. Begin again; "
        "if it stays, use another way."
    )


class PasskeyUnknown(NotSignedIn):
    """Not one of ours, not theirs, or its answer doesn't check."""

    code = "passkey_unknown"
    zh = "这个通行密钥不能用于登录：未登记、已移除，或校验没有通过。请改用密码登录。"
    en = (
        "This passkey doesn't sign in here: it isn't registered, was removed, or failed its "
        "check. Use your password."
    )


class PasskeyNotVerified(NotSignedIn):
    """It was touched, but didn't ask who touches it: that is one factor, not two."""

    code = "passkey_not_verified"
    zh = "这个通行密钥没有验证您本人（指纹、面容或 PIN）。请先用密码登录，它可作第二步。"
    en = (
        "This passkey didn't verify you (fingerprint, face or PIN). Sign in with your password; "
        "it can be the second step."
    )


class PasskeyNotHere(Invalid):
    """Browsers know passkeys at https addresses and at localhost only."""

    code = "passkey_not_here"
    zh = "浏览器只在 https 网址或 localhost 上支持通行密钥。请改从 {wanted} 打开本系统。"
    en = "Browsers do passkeys only at https addresses and at localhost. Open {wanted} instead."


class PasskeyExists(Conflict):
    """This one is registered."""

    code = "passkey_exists"
    zh = "这个通行密钥已经登记过。请换一个设备，或先移除原来的。"
    en = "This passkey is registered already. Use another device, or remove it first."


class PasskeysTooMany(Conflict):
    """More than anybody has devices."""

    code = "passkeys_too_many"
    zh = "每人最多登记 {limit} 个通行密钥。请先移除不再使用的。"
    en = "Nobody has more than {limit} passkeys. Remove one that isn't used any more."


class SessionUnknown(NotFound):
    """Not one of theirs, or over."""

    code = "session_unknown"
    zh = "没有这个登录，或者已经结束。请刷新列表。"
    en = "There is no such session, or it is over. Read the list again."


class PreferencesTooLarge(Invalid):
    """More than a console needs to remember."""

    code = "preferences_too_large"
    zh = "偏好设置超过 {limit_bytes} 字节，没有保存。请减少自定义的列。"
    en = "The preferences exceed {limit_bytes} bytes and weren't saved. Keep fewer columns."


class ViewUnknown(NotFound):
    """Not theirs and not shared, or gone."""

    code = "view_unknown"
    zh = "没有这个视图，或者已被移除。请刷新列表。"
    en = "There is no such view, or it was removed. Read the list again."


class ViewNameTaken(Conflict):
    """They have one of that name on this page."""

    code = "view_name_taken"
    zh = "您在这个页面已有同名视图。请换一个名称。"
    en = "You have a view of this name on this page. Choose another name."


class ViewsTooMany(Conflict):
    """More than anybody finds their way in."""

    code = "views_too_many"
    zh = "每人最多保存 {limit} 个视图。请先移除不再使用的。"
    en = "Nobody keeps more than {limit} views. Remove one that isn't used any more."
