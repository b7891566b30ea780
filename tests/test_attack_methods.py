"""Whatever RPC can call: every public method of every model of ours, core's included, and of core's
models those that are ours. Nothing may be told of the debtor, and not a row of any table be
written."""
import inspect
import re
from collections import Counter

from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.service.model import get_public_method
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .attack_common import QUIET, SECRET, AttackCase, _Undo

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|WITH\b.*\b(INSERT|UPDATE|DELETE))\b", re.I | re.S)
TELLING = ("credit.case", "credit.placement", "credit.action", "credit.claim", "credit.dispute")
TIMES = 3
IN_WORDS = (AccessError, MissingError, UserError, ValidationError)
# by the name of the parameter; a method of ours with another one fails until it stands here
ARGUMENTS = {
    "vals": {}, "vals_list": [{}], "values": {}, "values_list": [{}], "data": [["x"]],
    "fields": ["id"], "field_names": [], "fields_list": ["id"], "fields_spec": {"id": {}},
    "specification": {"id": {}}, "domain": [], "groupby": [], "aggregates": ["__count"],
    "name": SECRET, "fname": "name", "field_name": "id", "body": "x", "partner_ids": [1],
    "msg_dict": {"subject": "x", "body": "", "from": "x@example.com"}, "half": "money",
    "answer": "5",
}


@tagged("post_install", "-at_install")
class TestAttackMethods(AttackCase):
    def _get_ours(self):
        """``{model: names}`` of what clients may call and our classes have written."""
        return {
            model: {name for name in self._public_methods(model) if self._is_public(model, name)}
            for model in self.registry
        }

    def _is_public(self, model, name):
        try:
            return bool(get_public_method(self.env[model], name))
        except (AccessError, AttributeError):
            return False

    def _get_all(self, model):
        """The same with all that core gives to each model."""
        return {
            name for name in dir(self.registry[model])
            if not name.startswith("_") and inspect.isroutine(getattr(self.registry[model], name))
            and self._is_public(model, name)
        }

    def _to_arguments(self, method):
        """What it asks for, as a client might send it; a ``KeyError`` names what is not known."""
        return [
            ARGUMENTS[name] for name, one in list(inspect.signature(method).parameters.items())[1:]
            if one.default is one.empty and one.kind in (one.POSITIONAL_ONLY,
                                                         one.POSITIONAL_OR_KEYWORD)
        ]

    def setUp(self):
        super().setUp()
        self.written = []
        execute = self.env.cr.execute

        def listen(query, *args, **kwargs):
            text = query.code if isinstance(query, SQL) else query
            if WRITES.match(text):
                self.written.append(text)
            return execute(query, *args, **kwargs)

        self.patch(self.env.cr, "execute", listen)

    def _call(self, user, model, name, ids, arguments):
        """``(answer, statements that wrote, mistake)``; all of it is undone. What is refused at
        last undoes itself, whatever came before."""
        answer, mistake, written = None, None, []
        method = getattr(self.registry[model], name)
        args = arguments if getattr(method, "_api_model", False) else [ids, *arguments]
        self.env.flush_all()
        self.written.clear()
        with mute_logger(*QUIET):
            try:
                with self.env.cr.savepoint():
                    answer = self._rpc(user, model, name, *args)
                    self.env.flush_all()
                    written = [*self.written]
                    raise _Undo
            except (_Undo, *IN_WORDS):
                mistake = None
            except Exception as error:
                mistake = error
            finally:
                self.env.invalidate_all()
        return answer, written, mistake

    def _attack(self, who, user, model, name, arguments):
        ids = self._get_records(model).ids if model in self.tried else []
        answer, written, mistake = self._call(user, model, name, ids, arguments)
        what = f"{model}.{name}: {str(answer)[:200]}"
        self._refuse(who, f"{what} tells", self._tells(answer))
        self._refuse(who, f"{what} writes: {written}", bool(written))
        return mistake

    @property
    def tried(self):
        return set(self._our_models())

    def test_what_we_have_written_does_and_tells_nothing(self):
        """Of all models, core's too; refused in words, and not because it was called wrongly."""
        for model, names in self._get_ours().items():
            if model == "credit.agency.desk":
                continue  # it tells collectors what is theirs: test_attack
            for name in names:
                method = getattr(self.registry[model], name)
                try:
                    arguments = self._to_arguments(method)
                except KeyError as unknown:
                    self.fail(f"{model}.{name}: how is {unknown} to be tried?")
                for who, user in {**self.attackers, **self.insiders}.items():
                    mistake = self._attack(who, user, model, name, arguments)
                    self.assertFalse(
                        isinstance(mistake, TypeError) and "argument" in str(mistake),
                        f"{model}.{name} was called wrongly: {mistake}",
                    )

    def test_what_core_gives_to_our_models_does_and_tells_nothing(self):
        """Each function on some models, those that know most first: what a model may be asked for
        is tried on all of them in test_attack."""
        attackers = {
            who: {**self.attackers, **self.insiders}[who]
            for who in ("not qualified", "customer", "colleague", "seller of others")
        }
        tried = Counter()
        for model in sorted(self._our_models(), key=lambda name: (name not in TELLING, name)):
            if model == "credit.agency.desk":
                continue
            for name in self._get_all(model):
                method = getattr(self.registry[model], name)
                tried[method] += 1
                if tried[method] > TIMES:
                    continue
                try:
                    arguments = self._to_arguments(method)
                except KeyError:
                    arguments = []  # the names of core's own: it is refused all the same
                for who, user in attackers.items():
                    self._attack(who, user, model, name, arguments)
        self.assertGreater(len(tried), 100)
