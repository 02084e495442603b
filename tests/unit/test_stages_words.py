"""Status words in six languages, as people write them, are read as the stage they stand for."""

from __future__ import annotations

import pytest

from sheetsync.model import STAGES
from sheetsync.tracker.stages import read_round, read_stage

WORDS = """
saved: Open - Not Contacted | Applying | Uncontacted | Prospecting | Lead | To apply | To Apply 📝 | not applied | Not yet applied | haven't applied yet | Will apply | Need to apply | Bookmarked | wishlist ⭐ | 0 - Saved | Saved for later | Draft | planning to apply | Interested | not started yet | Researching | Preparing application | noch nicht beworben | geplant | In Vorbereitung | Entwurf | à postuler | À envoyer | pas encore postulé | candidature à envoyer | por aplicar | Aún no aplicado | pendiente de enviar | a candidatar-me | ainda não me candidatei | por enviar | 待投递 | 未投递 | 想投 | 准备投递 | New lead | To contact | Not contacted | merkliste | Wunschfirma gemerkt | Yet to apply | apply by Friday | haven't started | Backlog | in preparation | Saved Job | To-apply | Apply soon | Not Applied Yet | Did not apply | haven't applied | not submitted | To Do | draft application | zu bewerben | Noch bewerben! | nicht beworben | pas encore envoyé | à faire | Pendiente de aplicar | no aplicado | Para aplicar | não enviado | 还没投 | 收藏 | Applying | New
applied: Applied | applied ✅ | APPLIED | Applied 12/03/2024 | Applied (LinkedIn) | 1. Applied | 1 - Applied | 📨 Applied | Aplied | Appplied | Applied, waiting | Applied - waiting for response | Application submitted | Application Sent | submitted | Resume sent | Sent CV | Under review | In Review | Application viewed | Applied via referral | Application received | Beworben | beworben am 3.5. | Bewerbung abgeschickt | Bewerbung versendet | Eingangsbestätigung erhalten | Eingangsbestaetigung | in Prüfung | In Bearbeitung | Warte auf Antwort | Postulé | Candidature envoyée | envoyé | Envoyée le 12/05 | En attente | En attente de réponse | CV envoyé | Aplicado | Solicitud enviada | Postulado | CV enviado | Enviado | En revisión | Esperando respuesta | pendiente de respuesta | Candidatei-me | Candidatura enviada | Enviada | Aguardando resposta | Currículo enviado | em análise | 已投递 | 已投 | 投递成功 | 简历筛选中 | 已申请 | 等待结果 | Waiting for response | Awaiting reply | Pending | Application under review | Easy applied | waiting to hear back | re-applied | Applied on 5 Nov 2024 | candidature en cours d'étude | Dossier envoyé | Bewerbung eingereicht | Bewerbung läuft | Applied (waiting) | Applied & followed up | Applied/Pending | Applied - pending review | Application pending | Applied with referral | Applied through website | Resume submitted | Applied; no interview yet | sent 4/5 | Application in review | App submitted | Bewerbung raus | Unterlagen eingereicht | Beworben, warte auf Rückmeldung | Beworben (online) | Candidature déposée | Candidature envoyée, en attente | J'ai postulé | Dossier en cours d'étude | Solicitud en revisión | He aplicado | Ya aplicado | Em análise pelo RH | Candidatura submetida | Inscrito | 已投简历 | 已网申 | 简历评估中 | 投递简历 | 已提交申请 | Awaiting response | Response pending | reviewing | submitted application | Applied Online | Applied - LinkedIn Easy Apply | applied 5 Nov | APPLIED. | applied? | applyed | Apllied | CV sent by email | Cold applied | Applied - Follow up
screen: Phone screen | Phone Screen Scheduled | Recruiter call | HR screen | Screening | Intro call done | Recruiter screen 5/6 | 2 - Phone Screen | Phone Interview | Telefoninterview | Telefonat geführt | Kennenlerngespräch | entretien téléphonique | Préqualification RH | entrevista telefónica | Llamada con RRHH | entrevista com RH | triagem | 电话面试 | Shortlisted | Pre-screening | Telephonic round | screening call scheduled | Phone call with HR | présélectionné | preseleccionado | phone scren | Recruiter phone call scheduled | Phone screen completed | phone screen 3/5 | Screening call w/ HR | Initial phone screen | HR Call | Recruiter Screening | Erstes Telefonat | Telefonisches Erstgespräch | appel RH prévu | entrevista telefónica realizada | Tech screen | phone-screen
assessment: Online Assessment | OA | OA sent | Take-home | take home assignment submitted | Coding Challenge | HackerRank received | Technical test | Case study | Assessment Center | Testaufgabe erhalten | test technique | prueba técnica | teste técnico | desafio técnico enviado | 笔试 | 测评 | 待笔试 | 3. Assessment | Online-Test | aptitude test | HireVue | asessment | OA received | OA completed | Coding test sent | Technical Assessment | Assessment pending | Take home challenge | Testaufgabe | test en ligne | Prueba enviada | teste online | 笔试完成 | 已测评 | completed hackerrank | Case Study round
interview: Eingeladen | Invited | Einladung | Convocation | Technical | Interviewing stage | 邀约面试 | Interview | Interviewing | 1st interview | Interview scheduled | Interview Scheduled for 5 Nov | 3 - Interview | Interview (2nd) | Second interview | Technical interview | Tech Interview 1 | Final round | Final Interview | On-site | Onsite scheduled | Round 2 | 2nd round | R2 | panel interview | Interviewed | Interview completed | Interview done, waiting | waiting for interview result | Intervew | interveiw scheduled | Vorstellungsgespräch | Gespräch am 12.3. | Zweitgespräch | 2. Gespräch | Einladung zum Gespräch | zum Vorstellungsgespräch eingeladen | Probearbeiten | Entretien | Entretien prévu | 2ème entretien | entretien passé | deuxième entretien | Entrevista | Entrevista agendada | segunda entrevista | entrevista técnica | entrevista marcada | 2ª entrevista | 面试 | 一面 | 二面 | 终面 | hr面 | 待面试 | 面试中 | Superday | video interview | Moved to next round | hiring manager round | interview loop | Interview: awaiting feedback | selected for interview | invited to interview | einladung erhalten | Interview (1/3) | 1st round interview done | Interview @ 10:30 | 3rd Interview | Interview 12/3 | Interviewing - round 2 | On-site interview 5/6 | Technical round cleared | HM interview | In-person interview | Zoom interview | Interview process | Interview Pending | Interview offered | Got interview | Interview stage | Passed OA, interview next | Waiting on interview | erstes Gespräch | Vorstellungsgespräch vereinbart | Gespräch vereinbart am 3. Mai | Einladung zum Vorstellungsgespräch | 1er entretien passé | entretien programmé le 3/5 | Entretien technique | en proceso de entrevistas | primera entrevista hecha | Entrevista realizada | em fase de entrevistas | segunda fase de entrevistas | 一面通过 | 二面完 | 等待面试 | 三面中 | 约面试 | 技术一面 | Cultural fit round | panel | Awaiting 2nd interview | Interviews in progress | Final stage | Trial day
offer: Negotiating | Negotiating offer | Offer | Offer received | Offer 🎉 | Received offer | Verbal offer | Offer extended | Job Offer! | Negotiating offer | 5) Offer | Zusage | Angebot erhalten | Jobangebot | Offre reçue | promesse d'embauche | Oferta | oferta recibida | Proposta recebida | offer | 收到offer | oc | 意向书 | Offer - deciding | offer pending | Selected | Background check | Offer made | OFFER!!! | Offer in hand | Got offer | Got an offer | Offer letter received | Offer stage | Got the offer, deciding | Zusage erhalten! | mündliche Zusage | Vertragsangebot | proposition d'embauche | Réponse positive | Oferta formal | Carta oferta | 已发offer | 口头offer | 谈薪中 | waiting for offer letter | offer extended - negotiating salary
accepted: Accepted | Offer accepted | Accepted offer | Accepted! | Hired | Hired ✔ | I accepted the offer | Signed | Contract signed | Started new job | angenommen | Angebot angenommen | Vertrag unterschrieben | offre acceptée | embauché | Contrat signé | oferta aceptada | contratado | proposta aceita | Contratada | 已接受 | 已签约 | 已入职 | accepted the job | Eingestellt | onboarding | Offer Accepted!! | Accepted :) | Took the job | Hired! | Accepted the offer | Got the job! | Zusage angenommen | Offre acceptée | Signé | Acepté | Proposta aceite | 接了offer | 录用已接受
declined: Declined | Offer declined | Declined offer | offer rejected by me | Rejected offer | I declined | Turned down offer | I rejected the offer | declined by me | Angebot abgelehnt | von mir abgelehnt | Offre refusée | refusé par moi | oferta rechazada | Rechacé la oferta | proposta recusada | recusei | 拒offer | 拒了offer | did not accept the offer | Offer - declined | Offre déclinée | recusei a oferta | I declined the offer | Offer turned down | declined the offer | Rejected their offer | offer refused | Angebot ausgeschlagen | ich habe abgelehnt | J'ai refusé l'offre | oferta declinada | Rechacé | Declinei | offer declined by me | 已拒offer | Offer rejected
withdrawn: I Withdrew | Withdrawn | Withdrew | I withdrew | Withdrew application | Application withdrawn | pulled out | Dropped out | zurückgezogen | Bewerbung zurückgezogen | candidature retirée | désisté | retirado | Retiré mi candidatura | desisti | desisti da vaga | 放弃 | 放弃面试 | 已放弃 | declined interview | accepted another offer | cancelled by me | Withdrawn after 1st interview | abandonné | withdrawl | abgesprungen | withdrew my application | Self-withdrawn | declined the interview | Withdrew after offer | I pulled out | Bewerbung selbst zurückgezogen | Je me suis désisté | retirei a candidatura | 拒了面试 | 拒绝一面 | 放弃了 | No longer interested, withdrew | Decided not to proceed | not pursuing | Cancelled application | won't apply
rejected: nicht eingeladen worden | Not Selected | not invited | Rejected | rejected ❌ | REJECTED!! | Rejection | Rejection :( | Rejected 3/12 | Rejcted | Rejected after 2nd interview | Interview - rejected | Rejected/Ghosted | Rejected (no interview) | Rejected - position filled | Application rejected | auto-rejected | not selected | Not Selected. | not moving forward | Not a fit | not a very good fit | no longer under consideration | Position filled | Unsuccessful | Declined by company | they declined | Rejected by employer | Turned me down | Denied | Regret | went with another candidate | Absage | Absage erhalten | abgelehnt | abgesagt | Absage nach Gespräch | Leider abgesagt | nicht eingeladen | Refus | refusé | Refusée | Refus après entretien | non retenu | Réponse négative | candidature non retenue | rechazado | Rechazada | no seleccionado | descartado | Rejeitado | não selecionado | reprovado | Recusado | não aprovado | 被拒 | 挂 | 一面挂 | 简历挂 | 未通过 | 感谢信 | 不合适 | 已拒绝 | Offer rescinded | didn't make it | Not hired | failed interview | rejected at phone screen | Rejected post-OA | 6 - Rejected | failed OA | no offer | not shortlisted | Rej. | Reject | Rejected by Google | Got rejected | rejected w/o interview | Rejection email received | Rejected after OA | Applied > Rejected | Applied -> Interview -> Rejected | Applied; Rejected | Denied after 3rd round | Absage nach 2. Gespräch | Absage (automatisch) | Absage am 12.04.2024 | abgelehnt (keine Begründung) | Absage erhalten am 3.4. | refusé le 12/03 | Refus automatique | Candidature refusée | Réponse négative reçue | rechazado por la empresa | proceso descartado | no fui seleccionado | No continuar | não fui selecionado | vaga preenchida | processo encerrado: reprovado | 简历未通过 | 面试未通过 | 笔试挂了 | 一面凉 | 二面被刷 | not successful | Unfortunately not | Role filled internally | They went with an internal candidate | rejected (ghosted) | Did not pass OA | Didn't get selected | wasn't selected | was not chosen | not accepted | I was rejected | Rejected at final round | Rejected – overqualified | Rejected without feedback | Rejected; will reapply | not proceeding | not progressed | Application unsuccessful | Not taken forward | no fue seleccionada | Nicht ausgewählt | nicht genommen | pas sélectionné | Pas retenu | candidature non sélectionnée | Auto Reject | resume rejected | Screened out | turned down by company | rejected - no sponsorship | No longer moving forward | not hired | failed
no_response: No response | no reply | No answer | haven't heard back | never heard back | Ghosted | ghosted 👻 | Ghosted after interview | No response yet | Didn't hear back | no feedback | keine Antwort | keine Rückmeldung | nie wieder gehört | Pas de réponse | sans réponse | aucune réponse | sans nouvelles | sin respuesta | no respondieron | Sem resposta | sem retorno | 无回应 | 石沉大海 | 没有回复 | Applied - no response | Applied, never heard back | Closed | Gave up | Expired | Archived | no news | Dead | pas de retour | no contestan | nicht gemeldet | Job closed | Applied (ghosted) | not responded | haven't heard anything | Funkstille | Never replied | they never got back | no response after interview | No contact | Awaiting reply - ghosted | Applied (no reply) | Ghosted :( | ghosted after 2nd round | No response (30+ days) | no callback | No Response / Ghosted | keine Antwort erhalten | Bisher keine Rückmeldung | noch keine Antwort | ohne Rückmeldung | pas encore de réponse | Toujours pas de réponse | Relancé, sans réponse | aún sin respuesta | sin noticias desde marzo | ainda sem resposta | nunca responderam | 没回复 | 一直没消息 | 已读不回 | Inactive | position closed | Cancelled | posting removed | nothing heard yet | not heard back yet | No Reply Yet | did not respond | Didn't respond | hasn't replied | No answer yet | keine Reaktion | unanswered
on_hold: On hold | on-hold | Paused | Postponed | Waitlisted | pausiert | zurückgestellt | en pause | liste d'attente | en pausa | em espera | 暂停 | hiring on hold | position on hold | auf Eis gelegt | 泡池子 | Hold | On Hold (hiring freeze?) | Deferred | wait list | Position postponed | verschoben | mis en attente | suspendido | adiado | 暂缓
contacted: Working - Contacted | Attempted to Contact | Contact attempted | LinkedIn Msg Sent | Contacted | Email sent | Reached out | Messaged on LinkedIn | Follow-up sent | LinkedIn request sent | Connected | kontaktiert | angeschrieben | contacté | relancé | contactado | Contatado | 已联系 | cold email sent | Left voicemail | followed up twice | called, left message | Contacted HR? | Emailed recruiter | messaged | InMail sent | Follow-up 2 sent | Email 1 Sent | Kontakt aufgenommen | E-Mail geschickt | mail envoyé | Mensaje enviado | e-mail enviado | 已加微信 | Reached out on LinkedIn | DM sent | Called
replied: Qualified | Warm lead | Replied | Responded | Response received | In conversation | geantwortet | Antwort erhalten | a répondu | respondió | respondeu | 已回复 | in discussion | en discussion
meeting: Appointment Scheduled | Demo | Meeting scheduled | Meeting | Demo scheduled | Coffee chat | Booked | Termin vereinbart | RDV pris | reunión agendada | Reunião marcada | Discovery call
proposal: Negotiation | Proposal/Price Quote | Proposal sent | Quoted | Quote sent | Negotiation | Angebot gesendet | Devis envoyé | presupuesto enviado | Proposta enviada | 已报价 | In negotiation
won: Closed - Converted | Converted | Won | Closed Won | closed-won | Deal won | gewonnen | gagné | ganado | ganho | 成交
lost: Closed - Not Converted | Unqualified | Junk Lead | Lost Lead | Lost | Closed Lost | Not interested | verloren | Perdu | perdido | 丢单 | Opted out
unknown: Scheduled | Nurturing | Qualification | Pre-season | In Progress | ongoing | Other | Active | Open | TBC later | Follow up | foo bar | Needs follow up | Hot | Warm | en cours | 进行中 | em andamento | läuft | 17 | ??? | see notes | ask Bob | In process | Processing | to follow up | N/A | misc | In Arbeit? | maybe soonish thing | yes | no | Pass | 5 | A | bounced | à relancer | Qualification | en proceso | Em aberto | 待跟进
"""


def expectations() -> list[tuple[str, str]]:
    lines = (line.split(":", 1) for line in WORDS.strip().splitlines())
    return [(text.strip(), stage) for stage, texts in lines for text in texts.split(" | ")]


def test_every_stage_has_words() -> None:
    assert {stage for _, stage in expectations()} == set(STAGES)


@pytest.mark.parametrize(("text", "stage"), expectations())
def test_a_status_is_read_as_its_stage(text: str, stage: str) -> None:
    assert read_stage(text, {}).stage == stage


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_cell_has_no_stage(text: str) -> None:
    assert read_stage(text, {}).stage == ""


@pytest.mark.parametrize("text", ["🎉", "zzgl. qwrt", "Blorp", "12", "see tab 2", "-"])
def test_what_nobody_knows_is_never_guessed(text: str) -> None:
    assert read_stage(text, {}).stage == "unknown"


@pytest.mark.parametrize(
    "text",
    ["Ghosted", "gave up", "Closed", "position closed", "Archived", "石沉大海", "aufgegeben", "classé sans suite"],
)
def test_some_words_say_that_it_is_over(text: str) -> None:
    reading = read_stage(text, {})

    assert (reading.stage, reading.over) == ("no_response", True)


@pytest.mark.parametrize(
    "text", ["No response", "no reply yet", "keine Antwort", "sans réponse", "Applied", "sem retorno"]
)
def test_a_missing_answer_alone_is_not_the_end(text: str) -> None:
    assert not read_stage(text, {}).over


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Interview", ""),
        ("Second interview", "second"),
        ("Tech Interview 1", "first"),
        ("3 - Interview", ""),
        ("2. Interview", ""),
        ("2. Gespräch", "second"),
        ("Interview 12/3", ""),
        ("Interview 3 Nov", ""),
        ("Interview on 2nd May", ""),
        ("3rd round interview", "third"),
        ("4th interview", "third"),
        ("Round 2", "second"),
        ("Final round", "final"),
        ("final interview done", "final"),
        ("Phone screen", "screen"),
        ("Stage one - intro call", "screen"),
        ("二面", "second"),
        ("终面", "final"),
        ("Zweitgespräch", "second"),
        ("Deuxième entretien", "second"),
        ("2ª entrevista", "second"),
        ("primera entrevista", "first"),
        ("Applied 2", ""),
        ("Rejected after 2nd interview", "second"),
    ],
)
def test_the_round_is_read_out_of_a_status(text: str, wanted: str) -> None:
    assert read_stage(text, {}).round == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1", "first"),
        ("2nd", "second"),
        ("Round 3", "third"),
        ("HR Screen", "screen"),
        ("Final", "final"),
        ("Tech", ""),
        ("", ""),
    ],
)
def test_a_round_column_may_hold_a_bare_number(text: str, wanted: str) -> None:
    assert read_round(text) == wanted


def test_a_persons_own_words_win() -> None:
    own = {"Hot": "interview", "Applied": "saved", "parked": "on_hold"}

    assert read_stage("hot!", own).stage == "interview"
    assert read_stage("APPLIED", own).stage == "saved"
    assert read_stage("Parked (May)", own).stage == "on_hold"


def test_a_part_that_is_an_own_word_does_not_beat_a_known_text() -> None:
    assert read_stage("Offer accepted", {"offer": "proposal"}).stage == "accepted"


def test_no_words_at_all_are_needed_for_the_rest_of_a_taught_text() -> None:
    assert read_stage("Blorp since May", {"blorp": "offer"}).stage == "offer"
