import { Link } from "react-router";

import { Notice } from "../components/Notice";
import { useWords } from "../words";

export default function NoSuchPage() {
  const words = useWords();
  return (
    <div className="page">
      <title>{`${words.notFound} · ${words.brand}`}</title>
      <Notice
        first
        title={words.notFound}
        actions={
          <Link className="button" to="/">
            {words.toHome}
          </Link>
        }
      >
        {words.notFoundLong}
      </Notice>
    </div>
  );
}
