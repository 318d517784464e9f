"""A portal asks a question for its reader: ``python portal.py http://127.0.0.1:7860 QUESTION [KEY]``."""

import sys

from ui.client import ClientError, ZhengceClient


def main(address: str, question: str, key: str | None = None) -> int:
    """Print the answer while it is written, then its sources."""
    with ZhengceClient(address, key) as zhengce:
        try:
            for event in zhengce.stream(question):
                if event.event == "token":
                    print(event.data, end="", flush=True)
                elif event.event == "final":
                    print()
                    for one in event.data.citations:
                        print(f"[{one.id}] {one.label} 《{one.title}》：{one.quote}")
        except ClientError as error:
            print(f"{error.code}: {error.message}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
