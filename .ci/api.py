#!/usr/bin/env python3
"""Lists a crate's public API from rustdoc's JSON: a line for each item, and the foreign types in them.

    api.py list CRATE.json       the items
    api.py foreign CRATE.json    the types of other crates, the standard library's left out
"""

import json
import sys

FORMAT = 57  # of Rust 1.95; another compiler may write another
STANDARD = ("std", "core", "alloc")


class Api:
    def __init__(self, document):
        self.index, self.paths = document["index"], document["paths"]
        self.crates = document["external_crates"]
        self.root = document["root"]
        self.foreign, self.lines = set(), set()

    def name(self, id):
        """The path of a type: whole where it is another crate's, and noted."""
        found = self.paths.get(str(id))
        if found is None:
            return None
        crate = found["path"][0]
        if found["crate_id"] != 0 and crate not in STANDARD and not crate.startswith("staffpass"):
            self.foreign.add("::".join(found["path"]))
        # Ours and the standard library's by their last name, others' with their crate.
        own = found["crate_id"] == 0 or crate in STANDARD or crate.startswith("staffpass")
        return found["path"][-1] if own else f"{crate}::{found['path'][-1]}"

    # Types, as rustdoc's JSON has them.
    def type(self, t):
        if t is None:
            return "()"
        kind, inner = next(iter(t.items()))
        if kind in ("primitive", "generic"):
            return inner
        if kind == "resolved_path":
            return (self.name(inner["id"]) or inner["path"]) + self.arguments(inner["args"])
        if kind == "borrowed_ref":
            lifetime = f"{inner['lifetime']} " if inner["lifetime"] else ""
            return f"&{lifetime}{'mut ' if inner['is_mutable'] else ''}{self.type(inner['type'])}"
        if kind == "tuple":
            return "(" + ", ".join(map(self.type, inner)) + ")"
        if kind == "slice":
            return f"[{self.type(inner)}]"
        if kind == "array":
            return f"[{self.type(inner['type'])}; {inner['len']}]"
        if kind == "impl_trait":
            return "impl " + self.bounds(inner)
        if kind == "dyn_trait":
            bounds = [self.trait(bound["trait"]) for bound in inner["traits"]]
            return "dyn " + " + ".join(bounds + ([inner["lifetime"]] if inner["lifetime"] else []))
        if kind == "qualified_path":
            trait = f" as {self.trait(inner['trait'])}" if inner["trait"] else ""
            return f"<{self.type(inner['self_type'])}{trait}>::{inner['name']}"
        if kind == "function_pointer":
            return "fn" + self.signature(inner["sig"])
        if kind == "raw_pointer":
            return f"*{'mut' if inner['is_mutable'] else 'const'} {self.type(inner['type'])}"
        return kind

    def arguments(self, args):
        if not args:
            return ""
        kind, inner = next(iter(args.items()))
        if kind == "parenthesized":
            output = f" -> {self.type(inner['output'])}" if inner["output"] else ""
            return "(" + ", ".join(map(self.type, inner["inputs"])) + ")" + output
        parts = [self.argument(arg) for arg in inner["args"]]
        for constraint in inner["constraints"]:
            what, value = next(iter(constraint["binding"].items()))
            value = self.bounds(value) if what == "constraint" else self.argument_term(value)
            parts.append(f"{constraint['name']}{': ' if what == 'constraint' else ' = '}{value}")
        return f"<{', '.join(parts)}>" if parts else ""

    def argument(self, arg):
        kind, inner = next(iter(arg.items())) if isinstance(arg, dict) else (arg, None)
        return {"type": self.type, "lifetime": str}.get(kind, lambda _: "_")(inner)

    def argument_term(self, term):
        kind, inner = next(iter(term.items()))
        return self.type(inner) if kind == "type" else str(inner.get("expr", "_"))

    def trait(self, path):
        return (self.name(path["id"]) or path["path"]) + self.arguments(path["args"])

    def bounds(self, bounds):
        parts = []
        for bound in bounds:
            kind, inner = next(iter(bound.items()))
            if kind == "trait_bound":
                parts.append(("?" if inner["modifier"] == "maybe" else "") + self.trait(inner["trait"]))
            elif kind == "outlives":
                parts.append(inner)
        return " + ".join(parts)

    def generics(self, generics):
        parts = []
        for param in generics["params"]:
            kind, inner = next(iter(param["kind"].items()))
            if kind == "lifetime":
                parts.append(param["name"])
            elif kind == "type" and not inner["is_synthetic"]:
                bounds = self.bounds(inner["bounds"])
                parts.append(param["name"] + (f": {bounds}" if bounds else ""))
            elif kind == "const":
                parts.append(f"const {param['name']}: {self.type(inner['type'])}")
        return f"<{', '.join(parts)}>" if parts else ""

    def signature(self, sig):
        inputs = []
        for name, t in sig["inputs"]:
            text = self.type(t)
            if name == "self":
                text = {"Self": "self", "&Self": "&self", "&mut Self": "&mut self"}.get(text, f"self: {text}")
                inputs.append(text)
            else:
                inputs.append(f"{name}: {text}")
        output = f" -> {self.type(sig['output'])}" if sig["output"] else ""
        return "(" + ", ".join(inputs) + ")" + output

    def function(self, item, at):
        f = item["inner"]["function"]
        words = [word for word in ("const", "async", "unsafe") if f["header"][f"is_{word}"]]
        prefix = "".join(word + " " for word in words)
        return f"{prefix}fn {at}{self.generics(f['generics'])}{self.signature(f['sig'])}"

    # Items.
    def add(self, line, item=None):
        attributes = "" if item is None else self.attributes(item)
        self.lines.add(f"{attributes}pub {line}")

    def attributes(self, item):
        found = []
        for attribute in item["attrs"]:
            text = attribute if isinstance(attribute, str) else next(iter(attribute))
            if text == "non_exhaustive" or "non_exhaustive" in text:
                found.append("#[non_exhaustive] ")
            elif text.startswith("must_use") or "must_use" in text:
                found.append("#[must_use] ")
        return "".join(sorted(set(found)))

    def walk(self, id, at):
        item = self.index[str(id)]
        kind, inner = next(iter(item["inner"].items()))
        if kind == "module":
            if at:
                self.add(f"mod {at}")
            for child in inner["items"]:
                self.member(child, at)
        elif kind == "function":
            self.add(self.function(item, at), item)
        elif kind == "struct":
            self.add(f"struct {at}{self.generics(inner['generics'])}", item)
            shape = inner["kind"]
            fields = shape.get("plain", {}).get("fields", []) if isinstance(shape, dict) else []
            fields += shape.get("tuple", []) if isinstance(shape, dict) else []
            self.fields(fields, at)
            self.impls(inner["impls"], at)
        elif kind == "enum":
            self.add(f"enum {at}{self.generics(inner['generics'])}", item)
            for variant in inner["variants"]:
                self.variant(self.index[str(variant)], at)
            self.impls(inner["impls"], at)
        elif kind == "trait":
            bounds = self.bounds(inner["bounds"])
            self.add(f"trait {at}{self.generics(inner['generics'])}{': ' + bounds if bounds else ''}", item)
            for child in inner["items"]:
                child = self.index[str(child)]
                if "function" in child["inner"]:
                    self.add(self.function(child, f"{at}::{child['name']}"), child)
        elif kind == "constant":
            self.add(f"const {at}: {self.type(inner['type'])}")
        elif kind == "static":
            self.add(f"static {at}: {self.type(inner['type'])}")
        elif kind == "type_alias":
            self.add(f"type {at}{self.generics(inner['generics'])} = {self.type(inner['type'])}")
        elif kind == "macro":
            self.add(f"macro {at}!")

    def member(self, id, at):
        item = self.index.get(str(id))
        if item is None:
            return
        if "use" not in item["inner"]:
            if item["visibility"] == "public":
                self.walk(id, f"{at}::{item['name']}" if at else item["name"])
            return
        use = item["inner"]["use"]
        if item["visibility"] != "public":
            return
        name = f"{at}::{use['name']}" if at else use["name"]
        if str(use["id"]) in self.index:
            if use["is_glob"]:
                for child in self.index[str(use["id"])]["inner"]["module"]["items"]:
                    self.member(child, at)
            else:
                self.walk(use["id"], name)
        else:
            self.add(f"use {use['source']} as {name}")

    def fields(self, fields, at):
        for place, field in enumerate(fields):
            field = self.index.get(str(field)) if field is not None else None
            if field is not None and field["visibility"] in ("public", "default"):
                self.add(f"{at}::{field['name'] or place}: {self.type(field['inner']['struct_field'])}")

    def variant(self, item, at):
        at = f"{at}::{item['name']}"
        shape = item["inner"]["variant"]["kind"]
        if shape == "plain":
            self.add(at, item)
        elif "tuple" in shape:
            types = [self.type(self.index[str(f)]["inner"]["struct_field"]) for f in shape["tuple"] if f is not None]
            self.add(f"{at}({', '.join(types)})", item)
        else:
            self.add(at, item)
            self.fields(shape["struct"]["fields"], at)

    def impls(self, impls, at):
        traits = set()
        for id in impls:
            item = self.index.get(str(id))
            if item is None:
                continue
            found = item["inner"]["impl"]
            if found["is_synthetic"] or found["blanket_impl"]:
                continue
            if found["trait"]:
                traits.add(self.trait(found["trait"]))
                continue
            for child in found["items"]:
                child = self.index.get(str(child))
                if child is None or child["visibility"] != "public":
                    continue
                if "function" in child["inner"]:
                    self.add(self.function(child, f"{at}::{child['name']}"), child)
                elif "assoc_const" in child["inner"]:
                    self.add(f"const {at}::{child['name']}: {self.type(child['inner']['assoc_const']['type'])}")
        traits.discard("StructuralPartialEq")
        if traits:
            self.add(f"impl {', '.join(sorted(traits))} for {at}")


def main():
    what, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    if document["format_version"] != FORMAT:
        sys.exit(f"{path}: rustdoc's JSON has form {document['format_version']}, and this reads {FORMAT}")
    api = Api(document)
    api.walk(api.root, "")
    print("\n".join(sorted(api.lines if what == "list" else api.foreign, key=lambda l: l.replace("#[must_use] ", "").replace("#[non_exhaustive] ", ""))))


main()
