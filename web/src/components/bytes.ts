const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"];

/** 22718509 is "22.7 MB", or "22,7 Mo": in powers of ten, as disks are sold; "0 bytes". */
export function bytesOf(bytes: number, language: string): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** step;
  const digits = step > 1 && value < 100 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit: UNITS[step] ?? "byte", unitDisplay: step === 0 ? "long" : "short", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}
