"""The manifest said in other words: schema.org with Croissant for search engines and machine learning, DCAT for catalogues.

Source of the rules: MLCommons Croissant 1.0; W3C DCAT 3 and DCAT-AP 3. Both are made from the manifest and say nothing that
it does not. Addresses are relative: where a package is served may change, and its bytes do not.
"""

import json
from typing import Any

Json = dict[str, Any]

CROISSANT, DCAT = "croissant.json", "dcat.json"
_DATA_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "list": "sc:Text",
}
_CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def documents(manifest: Json) -> dict[str, bytes]:
    """The other renderings of a snapshot's manifest, by file name."""
    made = {CROISSANT: croissant(manifest), DCAT: dcat(manifest)}
    return {name: (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode() for name, said in made.items()}


def croissant(manifest: Json) -> Json:
    """A schema.org Dataset: every file, and the columns of each Parquet file that holds a row."""
    parquet = [one for one in manifest["resources"] if one["format"] == "vnd.apache.parquet"]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": manifest["name"],
        "description": manifest["description"],
        "url": "/v1/bulk/latest.json",
        "license": manifest["licenses"][0]["path"],
        "version": f"{manifest['edition']}.0.0",
        "datePublished": manifest["published_at"],
        "keywords": manifest["keywords"],
        "creator": {"@type": "sc:Organization", "name": "Almanac"},
        "citeAs": f"@misc{{almanac, title={{{manifest['title']}}}, year={{{manifest['published_at'][:4]}}}}}",
        "distribution": [_file_object(one) for one in manifest["resources"]],
        "recordSet": [_record_set(one) for one in parquet if one["row_count"]],
    }


def _file_object(resource: Json) -> Json:
    return {
        "@type": "cr:FileObject",
        "@id": resource["name"],
        "name": resource["name"],
        "description": resource["description"],
        "contentUrl": resource["path"],
        "contentSize": f"{resource['bytes']} B",
        # The name by which readers of Croissant know Parquet; of a packed file, what is to be unpacked first.
        "encodingFormat": "application/gzip" if "compression" in resource else "application/x-parquet",
        "sha256": resource["hash"].removeprefix("sha256:"),
    }


def _record_set(resource: Json) -> Json:
    name = resource["name"].removesuffix("-parquet")
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": resource["description"],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{field['name']}",
                "name": field["name"],
                "description": field["description"],
                "dataType": _DATA_TYPES[field["type"]],
                **({"repeated": True} if field["type"] == "list" else {}),
                "source": {"fileObject": {"@id": resource["name"]}, "extract": {"column": field["name"]}},
            }
            for field in resource["schema"]["fields"]
        ],
    }


def dcat(manifest: Json) -> Json:
    """A dcat:Dataset with a distribution for each file."""
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "spdx": "http://spdx.org/rdf/terms#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@type": "dcat:Dataset",
        "dct:identifier": manifest["name"],
        "dct:title": manifest["title"],
        "dct:description": manifest["description"],
        "dct:publisher": [
            {"@type": "foaf:Agent", "foaf:name": one["title"]}
            for one in manifest["contributors"]
            if "publisher" in one["roles"]
        ],
        "dct:issued": {"@type": "xsd:dateTime", "@value": manifest["published_at"]},
        "dct:license": {"@id": manifest["licenses"][0]["path"]},
        "dcat:version": manifest["version"],
        "dcat:keyword": manifest["keywords"],
        "dcat:distribution": [_distribution(one) for one in manifest["resources"]],
    }


def _distribution(resource: Json) -> Json:
    digest = resource["hash"].removeprefix("sha256:")
    said: Json = {
        "@type": "dcat:Distribution",
        "dct:title": resource["name"],
        "dcat:downloadURL": {"@id": resource["path"]},
        "dcat:mediaType": resource["mediatype"],
        "dcat:byteSize": resource["bytes"],
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": digest,
        },
    }
    return said | ({"dcat:compressFormat": "application/gzip"} if "compression" in resource else {})
