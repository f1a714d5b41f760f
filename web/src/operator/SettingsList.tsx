/** The effective settings, to be read. They are changed in the settings file or the environment. */

import { useQuery } from "@tanstack/react-query";

import { Panel } from "./Panel";
import { settingsQuery } from "./queries";
import { useOperatorWords } from "./words";

export function SettingsList() {
  const words = useOperatorWords();
  const settings = useQuery(settingsQuery);
  return (
    <>
      <h1>{words.settings}</h1>
      <p className="lead operator-lead">{words.settingsLead}</p>
      <Panel id="sections" title={words.effective} asked={settings} wide>
        {settings.data?.map((section) => {
          const changed = section.settings.filter((one) => !one.is_default).length;
          return (
            <details key={section.name} className="operator-section" open={changed > 0}>
              <summary>
                <code>[{section.name}]</code> <span className="quiet" lang="en">{section.about}</span>
                {changed > 0 && <strong className="operator-changed"> {words.changed(changed)}</strong>}
              </summary>
              <dl className="operator-settings">
                {section.settings.map((one) => (
                  <div key={one.name} data-changed={one.is_default ? undefined : ""}>
                    <dt>
                      <code>{one.name}</code>
                    </dt>
                    <dd>
                      <code>{one.hidden && one.value === '""' ? words.hidden : one.value}</code>
                      <span className="quiet" lang="en">{one.about}</span>
                    </dd>
                  </div>
                ))}
              </dl>
            </details>
          );
        })}
      </Panel>
    </>
  );
}
