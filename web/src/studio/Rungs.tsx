/** What a ladder is worth, rung by rung, and what it saves. */

import type { JobReport, Rung, Saving } from "../api/types";
import { SideScroll } from "./SideScroll";
import { timeCode } from "./figures";
import { formatName } from "./formats";
import { useStudioWords } from "./words";

/** What it comes down to: the bits saved against the same ladder for every title. */
export function SavingLine({ saving }: { saving: Saving }) {
  const words = useStudioWords();
  const percent = Math.round(saving.percent);
  return (
    <section className="studio-saving">
      <p>
        <strong>{percent === 0 ? words.sameBits : percent > 0 ? words.fewerBits(percent) : words.moreBits(-percent)}</strong> <span className="studio-state">{words.savingBasis[saving.basis]}</span>
      </p>
      <p className="quiet">{words.savingHint(saving.rungs.map((rung) => `${rung.lines}p`).join(", "))}</p>
    </section>
  );
}

export function Rungs({ rungs, quality }: { rungs: Rung[]; quality: JobReport["quality"] }) {
  const words = useStudioWords();
  const detailed = rungs.some((rung) => quality[rung.name]);
  const models = [...new Set(rungs.map((rung) => rung.vmaf_model).filter(Boolean))];
  return (
    <div className="studio-table">
      <SideScroll label={words.rungs}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.resolution}</th>
              <th scope="col">{words.format}</th>
              <th scope="col">{words.average}</th>
              <th scope="col">{words.peak}</th>
              <th scope="col">{words.quality}</th>
              {detailed && (
                <>
                  <th scope="col">{words.harmonic}</th>
                  <th scope="col">{words.lowFrames}</th>
                  <th scope="col">{words.worstSecond}</th>
                  <th scope="col">{words.onPhone}</th>
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {rungs.map((rung) => (
              <tr key={rung.name}>
                <th scope="row">
                  {rung.width} × {rung.height}
                </th>
                <td>{formatName(rung)}</td>
                <td>{rung.bitrate_kbps} kbit/s</td>
                <td>{rung.peak_kbps} kbit/s</td>
                <td>
                  {rung.vmaf === null ? (
                    <span className="quiet">{words.unmeasured}</span>
                  ) : (
                    <>
                      <span className="studio-score">
                        <span style={{ inlineSize: `${rung.vmaf}%` }} />
                      </span>
                      {rung.vmaf.toFixed(1)}
                    </>
                  )}
                </td>
                {detailed && <Details of={quality[rung.name]} />}
              </tr>
            ))}
          </tbody>
        </table>
      </SideScroll>
      {models.length > 0 && <p className="quiet">{words.model(models.join(", "))}</p>}
    </div>
  );
}

/** What the mean does not say: how it is where a rung is worst. */
function Details({ of: measured }: { of: JobReport["quality"][string] | undefined }) {
  const words = useStudioWords();
  if (!measured) {
    return (
      <td colSpan={4} className="quiet">
        {words.unmeasured}
      </td>
    );
  }
  return (
    <>
      <td>{measured.harmonic.toFixed(1)}</td>
      <td>{measured.low.toFixed(1)}</td>
      <td>
        {measured.worst_second.toFixed(1)} <span className="quiet">({timeCode(measured.worst_second_ms)})</span>
      </td>
      <td>{measured.phone.toFixed(1)}</td>
    </>
  );
}
