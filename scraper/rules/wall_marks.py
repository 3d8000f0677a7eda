"""Phrases of the pages that stand in place of an article, by language where it matters (pure).

A strong phrase speaks to a visitor about this very page. A weak one also occurs in articles ("cookies", "consent"), so
it takes two different ones.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache


class Wall(StrEnum):
    """Kind of a page in place of an article, in words for people."""

    CAPTCHA = "a captcha"
    SCRIPT = "a page for browsers with scripts"
    REGION = "a notice that it is not shown in this region"
    LOGIN = "a login or password form"
    PAYMENT = "a paywall"
    CONSENT = "a consent page"
    ADVERTS = "a request to allow advertisements"


_STRONG = {
    Wall.CAPTCHA: (
        r"i[’']?m not a robot",
        r"you(?: are|[’']re) (?:a )?(?:human|not a (?:ro)?bot)",
        r"unusual traffic from your",
        r"(?:complet\w+|perform\w*|solv\w+) (?:a |the |this )?(?:\w+ )?(?:security check|captcha)",
        r"press (?:and|&) hold",
        r"checking (?:your browser|if the site connection)",
        r"no (?:eres|soy|es) un robot|kein roboter|pas un robot|não é um robô|non sei un robot|geen robot",
        r"не робот|ロボットではありません|不是机器人|不是機器人|로봇이 아닙니다|لست روبوت",
    ),
    Wall.SCRIPT: (
        r"(?:enable|turn on|activate|without) (?:javascript|js)\b",
        r"javascript (?:is (?:disabled|required|turned off|not)|must be|to be enabled|and cookies|support)",
        r"requires? javascript(?! \w+s\b)",
        r"(?:activar?|active|habilit\w+|ative|activer|activez|aktivieren sie|abilita\w*|включите"
        r"|schakel) (?:el |le |o )?"
        r"javascript",
        r"javascript ?を有効|启用 ?javascript|啟用 ?javascript|javascript ?(?:in|an)schakelen",
    ),
    Wall.REGION: (
        r"(?:not |un|isn[’']t )(?:currently )?available (?:in|to|for|from) (?:\w+ ){0,3}(?:your (?:\w+ )?"
        r"(?:country|region|location|area|territory)|this (?:country|region)|legal reasons)",
        r"unavailable (?:due to|for) legal reasons",
        r"(?:your|this) (?:country|region|location) (?:is|are) not (?:supported|served|allowed)",
        r"access(?:ing)?\b.{0,80}\bfrom a country belonging to the european economic area",
        r"no está disponible en (?:su|tu) (?:país|región)|não está disponível (?:no seu país|na sua região)",
        r"n[’']est pas disponible dans votre (?:pays|région)|non è disponibile nel (?:tuo|suo) paese",
        r"in (?:ihrem land|ihrer region) nicht verfügbar|niet beschikbaar in (?:uw|jouw) (?:land|regio)",
        r"недоступ\w+ в (?:вашем|вашей) (?:регионе|стране)|お住まいの(?:国|地域)では|您所在的(?:国家|地区|國家|地區)",
    ),
    Wall.LOGIN: (
        r"\bis password[- ]protected|\bprotected (?:by|with) a password",
        r"(?:enter|type) (?:your|the) password (?:below|to|here|that)",
        r"forgot (?:your |the )?password",
        r"(?:is a|this) protected post",
        r"(?:please |must (?:be |first )?)(?:log|sign)(?:ged|ed)?[ -]?in\b.{0,40}\b(?:to (?:your|read"
        r"|continue|access|view)"
        r"|page|account|website)\b",
        r"(?:log|sign)[ -]?in to (?:your account|(?:read|continue|keep reading|unlock|access|view|see|watch)\b)",
        r"(?:this|content|article|page|area) (?:is )?(?:for )?members[- ]only",
        r"not authori[sz]ed to (?:access|view) this page",
        r"protegid[oa] (?:por|com|con) (?:una )?(?:contraseña|senha|palavra)|protégée? par (?:un )?mot de passe",
        r"passwortgeschützt|geschützte[rn]? beitrag|protetto da password|beveiligd met een wachtwoord"
        r"|chronion\w* hasłem",
        r"защищен[аоы]? паролем|защищён\w* паролем|محمي(?:ة)? بكلمة|パスワードで保護|密码保护|密碼保護|비밀번호로 보호",
        r"inicia(?:r)? sesión para|connectez-vous pour|melden sie sich an, um|accedi per|log in om|zaloguj się,? aby",
        r"войдите,? чтобы|авторизуйтесь,? чтобы|ログインして(?:ください|続き|お読み)|登录后|登入後"
        r"|로그인(?:이 필요|하시면|후)",
    ),
    Wall.PAYMENT: (
        r"(?:your|the) (?:monthly )?limit of (?:\w+ ){0,2}(?:free|articles)",
        r"you(?:[’']ve| have) (?:reached|used|exceeded|read) (?:all )?(?:of )?(?:your|the) (?:\w+ ){0,3}"
        r"(?:limit|articles|stories)",
        r"(?:free|complimentary) (?:articles?|stories) (?:left|remaining|this month)",
        r"(?:subscribe|upgrade|sign up|join (?:now|today|us))\b.{0,60}\b(?:to (?:read|continue reading"
        r"|keep reading|unlock"
        r"|access (?:this|all|the full))|to continue|read on|full access|unlimited access|for [^.]{0,20} a "
        r"(?:week|month|year))",
        r"(?:register|subscribe|sign (?:up|in)|log in)\b.{0,30}\bto (?:continue|keep|finish)? ?(?:read"
        r"|reading|unlock)\b",
        r"\bto (?:read|continue reading|keep reading)\b.{0,60}\b(?:subscri|register|(?:log|sign)[ -]?in"
        r"|sign up|account)",
        r"(?:continue|keep) reading (?:this|with|for|the full)",
        r"(?:get|for|with) (?:unlimited|full) (?:digital )?access",
        r"already (?:have an? account|have a subscription|a (?:subscriber|member)|registered|subscribed)\b\W{0,3}\?",
        r"already a subscriber|subscribers?[- ](?:only|exclusive)\b|exclusive (?:to|for) (?:our )?subscribers",
        r"(?:available |exclusively |reserved |post is |only |article is )(?:only )?(?:for|to) (?:our "
        r"|paying |registered )*"
        r"(?:subscribers|paid members|premium members)",
        r"unlock this (?:article|story|post)|this is (?:a )?premium (?:content|article)",
        r"(?:suscr[ií]b[ae]\w*|hazte suscriptor|regístr[ea]\w*) (?:para|y) (?:leer|seguir|continuar|acceder|disfrut)",
        r"(?:sólo|solo|exclusivo|exclusiva) para suscriptores|ya (?:eres|soy|es) suscriptor|para seguir leyendo",
        r"réservée?s? (?:à nos|aux) abonnée?s|abonnez-vous (?:pour|dès|et|à partir)|déjà abonnée?|pour lire la suite"
        r"|il vous reste .{1,12} (?:de cet article|à lire|à découvrir)",
        r"(?:nur für|als|exklusiv für) abonnent\w*|jetzt (?:abonnieren|weiterlesen|freischalten)|(?:bereits|schon) "
        r"(?:abonnent|ein abo|registriert)|\bein abo\?|\babo (?:abschließen|testen)|weiterlesen mit\b",
        r"(?:alleen|exclusief) voor (?:onze )?(?:abonnees|leden)|al abonnee|(?:lees|verder) (?:verder"
        r"|lezen) met|word abonnee",
        r"exclusivo para assinantes|já é assinante|assine para|para continuar lendo|continue lendo com",
        r"riservat\w+ agli abbonati|per gli abbonati|sei già abbonato|abbonati per|per continuare a leggere",
        r"(?:för|kun for|for|bare for) (?:prenumeranter|abonnenter)|(?:redan|allerede) (?:prenumerant|abonnent)"
        r"|(?:prenumerera|abonner) för att|bli abonnent|bliv abonnent",
        r"(?:dla|tylko dla) (?:prenumerator|subskrybent)\w+|masz już (?:konto|subskrypcję|prenumeratę)"
        r"|wykup (?:dostęp|subsk"
        r"|prenumerat)\w*|pro předplatitele|předplaťte si|előfizetőknek|doar pentru abonați|μόνο (?:για"
        r"|σε) συνδρομητές",
        r"только (?:для )?(?:наших )?подписчик\w+|оформите подписку|уже (?:есть подписка|подписаны|подписчик)"
        r"|лише (?:для )?передплатник\w+|оформіть передплату",
        r"(?:sadece|yalnızca) aboneler|abone ol(?:un|arak)|للمشتركين فقط|اشترك (?:الآن|للقراءة|لمتابعة"
        r"|لمواصلة)|למנויים בלבד",
        r"会員限定|有料会員|続きをお?読(?:み|む)|订阅后|訂閱後|付费(?:阅读|内容|会员)|付費(?:閱讀|內容|會員)|会员专享|會員專屬"
        r"|유료 (?:회원|구독)|구독자 전용|구독하(?:고|시면|세요)"
        r"|khusus pelanggan|berlangganan untuk|dành (?:riêng )?cho thuê bao",
    ),
    Wall.CONSENT: (
        r"before you continue to\b",
        r"(?:we value|about|choose|manage|update) your privacy\b|your privacy (?:choices|settings"
        r"|preferences|matters)",
        r"(?:store|access|process)\w* (?:and/?or )?(?:\w+ )?(?:information|data"
        r"|personal data)\b.{0,60}\b(?:device|cookies)",
        r"\bwe and our (?:\w+ ){0,2}partners\b",
        r"(?:we|site|website|page) uses? cookies",
        r"respect de votre vie privée|continuer sans accepter|(?:wir|wir nutzen|uns) und unsere (?:\d+ )?partner\b",
        r"nosotros y nuestros (?:\d+ )?socios|nous et nos (?:\d+ )?partenaires|noi e i nostri (?:\d+ )?partner\b"
        r"|nós e (?:os )?nossos (?:\d+ )?parceiros|wij en onze (?:\d+ )?partners|my i nasi (?:\d+ )?partnerzy",
        r"(?:szanujemy twoją|cenimy twoją) prywatność|wij waarderen uw privacy|prima di continuare"
        r"|antes de continuar",
    ),
    Wall.ADVERTS: (
        r"(?:disabl\w+|turn(?:ing)? off|paus\w+|whitelist\w*|allow\w*)\b.{0,40}\b(?:ad[- ]?block\w*"
        r"|our (?:site|ads))",
        r"using an? ad[- ]?block\w*|ad[- ]?block\w* (?:is |was )?(?:detected|enabled|active)",
        r"(?:desactiv\w+|désactive\w+|deaktivieren|disattiva\w*|desativ\w+"
        r"|отключите)\b.{0,40}\b(?:bloque\w+|bloqueur|ad-?block"
        r"\w*|werbeblocker|blocco|блокировщик\w*)",
    ),
}
_WEAK = {
    Wall.CAPTCHA: (r"captcha", r"security check", r"\brobot\b", r"unusual traffic", r"verif(?:y|ication)"),
    Wall.REGION: (
        r"european economic area",
        r"\bgdpr\b|general data protection",
        r"(?:this|our) (?:site|website|page)",
    ),
    Wall.LOGIN: (
        r"\bpasswor[dt]\b|contraseña|mot de passe|\bsenha\b|wachtwoord|пароль|パスワード|密码|密碼",
        r"(?:log|sign)[ -]?in\b|\banmelden\b|iniciar sesión|se connecter|\baccedi\b|войти|ログイン|登录|登入",
        r"(?:private|locked) (?:page|post|site)",
        r"username|benutzername|nom d[’']utilisateur|nombre de usuario",
    ),
    Wall.PAYMENT: (
        r"\bsubscri(?:be|ption|ber)s?\b|suscri(?:pción|ptor)|\babo(?:nnement)?s?\b|abbonament|assinatura"
        r"|подписк|購読|订阅|訂閱",
        r"(?:log|sign)[ -]?in\b|\banmelden\b|inicia(?:r)? sesión|\baccedi\b|войти|ログイン|登录|登入",
        r"\b(?:per|a|first) (?:week|month)\b|premier mois|pro (?:woche|monat)|primer mes|primo mese|eerste maand",
        r"\bfree trial\b|sans engagement|kostenlos testen|cancel any ?time|prueba gratis|会員登録",
    ),
    Wall.CONSENT: (
        r"\bcookies?\b",
        r"\bconsent\b",
        r"privacy policy|privacybeleid",
        r"your (?:personal )?data\b",
        r"you agree (?:that|to)",
        r"\b(?:accept|reject|agree to) all\b|aceptar todo|alle akzeptieren|tout accepter",
        r"(?:manage|change|withdraw) (?:your |my )?(?:choices?|consent|options|preferences|settings)",
        r"(?:store|access|process)\w* (?:and/?or )?(?:\w+ )?(?:information|data|personal data)",
        r"\bour \d+ partners\b|unsere (?:\d+ )?partner\b|nos \d+ partenaires",
        r"personalis\w+ (?:content|ads)|personaliz\w+ (?:content|ads)",
        r"vos données|votre consentement|témoins de connexion|traceurs",
        r"ihre (?:daten|einwilligung|zustimmung)",
        r"datenschutz|werbetracking",
        r"(?:sus|tus) datos|(?:su|tu) consentimiento|il tuo consenso|dati personali",
        r"verarbeiten|archiviamo|almacen\w+",
        r"同意|プライバシー|隐私|隱私|согласие на обработку|zgod[ęy] na przetwarzanie|toestemming",
    ),
}


# Compiled when a page of a mirror is first read: no other command needs the patterns.
@cache
def strong(wall: Wall) -> re.Pattern[str]:
    """Return one pattern of all strong phrases of a wall."""
    return re.compile("|".join(_STRONG[wall]), re.IGNORECASE)


@cache
def weak(wall: Wall) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of the weak phrases of a wall."""
    return tuple(re.compile(form, re.IGNORECASE) for form in _WEAK.get(wall, ()))
