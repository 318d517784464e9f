"""The straight lines that are drawn on a page of a PDF, of which tables are made."""

import ctypes
from typing import Any

from ingest.readers.ruled import MOST_SEGMENTS, Segment

_THIN = 3.0  # points


def drawn_lines(page: Any) -> list[Segment]:
    """Return the straight lines that are drawn on ``page``; a filled area is one only where it is as thin as a line."""
    import pypdfium2.raw as pdfium

    found: list[Segment] = []
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    x, y = ctypes.c_float(), ctypes.c_float()
    for path in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        left, bottom, right, top = path.get_bounds()
        pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
        if not stroke.value and min(right - left, top - bottom) > _THIN:
            continue
        matrix, container = path.get_matrix(), getattr(path, "container", None)
        while container is not None:  # what a form holds stands where the form is placed
            matrix, container = matrix.multiply(container.get_matrix()), getattr(container, "container", None)
        points: list[tuple[float, float]] = []
        for at in range(pdfium.FPDFPath_CountSegments(path)):
            segment = pdfium.FPDFPath_GetPathSegment(path, at)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            point = matrix.on_point(x.value, y.value)
            if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_LINETO and points:
                found.append((*points[-1], *point))
            elif pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO:
                points = []
            points.append(point)
            if pdfium.FPDFPathSegment_GetClose(segment):
                found.append((*point, *points[0]))
        if len(found) > MOST_SEGMENTS:
            return []
    return found
