// Passkeys: asks the browser for one and sends its answer with the page's own form. Pages work without it.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const ids = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function ask(address, form) {
  const body = new FormData(form);
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error("refused"), { told: told.error });
  return told.publicKey;
}

function written(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function assert(address, form) {
  const options = await ask(address, form);
  options.challenge = bytes(options.challenge);
  options.allowCredentials = ids(options.allowCredentials);
  form.elements.answer.value = written(await navigator.credentials.get({ publicKey: options }));
}

async function create(form) {
  form.elements.answer.value = "";
  const code = form.elements.code;
  if (form.dataset.proof && !code?.value) await assert(form.dataset.proof, form);
  const options = await ask(form.dataset.options, form);
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  options.excludeCredentials = ids(options.excludeCredentials);
  form.elements.answer.value = written(await navigator.credentials.create({ publicKey: options }));
  form.elements.password.value = ""; // they were proved with the challenge
  if (code) code.value = "";
}

async function tried(form, work) {
  const failed = form.querySelector("[data-failed]");
  failed.hidden = true;
  try {
    await work();
    form.submit();
  } catch (error) {
    if (error.told) failed.textContent = error.told;
    form.elements.answer.value = "";
    failed.hidden = false;
  }
}

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkeys-only]")) part.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.addEventListener("click", () => tried(button.form, () => assert(button.dataset.passkey, button.form)));
  }
  for (const form of document.querySelectorAll("[data-new-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      tried(form, () => create(form));
    });
  }
}
