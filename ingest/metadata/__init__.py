"""What a document is: title, issuers, number, dates, kind and region, as one decision over all evidence.

Evidence, the surest first; what stands lower fills gaps, breaks ties and mends what is cut, and never beats what is above:

    said         what the file says of itself: the block of labels of a web page, the front matter of Markdown
    headline     the lines above the text: the title, the number, a decree's line, the lines on a law's adoption
    notice       关于印发《…》 in the text that passes a document on
    signature    the bodies above the closing date, and that date; 公开/印发 lines below it
    dateline     of a report
    file name    people name files by their titles (``file_name``), and programs in their properties: where the text
                 prints what they say (``ingest.readers.properties``)

Each decision comes with a confidence from 0 to 1; below ``reading.SURE`` the owner is told, and what nothing speaks for
is left empty.

    evidence → titles, issuers, numbers, dates (law_header, signature), validity, kinds, region → Metadata
"""

from ingest.metadata.reading import Metadata, read_metadata

__all__ = ["Metadata", "read_metadata"]
