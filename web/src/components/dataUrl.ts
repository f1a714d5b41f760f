/** What a picture that was fetched with a token is shown by. */
export function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result as string), { once: true });
    reader.addEventListener("error", () => reject(reader.error as DOMException), { once: true });
    reader.readAsDataURL(blob);
  });
}
