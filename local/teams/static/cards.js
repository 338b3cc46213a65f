// An Adaptive Card in; the element that Teams would show out, drawn by Microsoft's own library.
// Cards are hostile: no HTML from them, no addresses but http and https, no script. Colours are names of theme.css.
/* global AdaptiveCards, markdownit */

const TONES = ["default", "dark", "light", "accent", "good", "warning", "attention"];
const STYLES = ["default", "emphasis", "accent", "good", "warning", "attention"];

/** What Teams reads of Markdown: emphasis, links and lists; no headings, code, quotes, images, tables or HTML. */
const markdown = markdownit("zero", { html: false }).enable(["escape", "entity", "emphasis", "link", "list", "newline"]);

AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown.render(text);
  result.didProcess = true;
};

/** What a webhook's card cannot do in Teams: there is nobody to answer, and no player. */
AdaptiveCards.GlobalRegistry.actions.unregister("Action.Submit");
AdaptiveCards.GlobalRegistry.elements.unregister("Media");

function tone(name) {
  return { default: `var(--text-${name})`, subtle: `var(--text-${name}-subtle)` };
}

function containerStyle(name) {
  return {
    backgroundColor: `var(--container-${name})`,
    borderColor: `var(--container-${name})`,
    foregroundColors: Object.fromEntries(TONES.map((each) => [each, tone(each)])),
  };
}

const HOST = {
  fontTypes: {
    default: {
      fontFamily: "var(--sans)",
      fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
      fontWeights: { lighter: 400, default: 400, bolder: 600 },
    },
    monospace: {
      fontFamily: "var(--mono)",
      fontSizes: { small: 12, default: 13, medium: 13, large: 18, extraLarge: 24 },
      fontWeights: { lighter: 400, default: 400, bolder: 600 },
    },
  },
  lineHeights: { small: 16, default: 20, medium: 20, large: 24, extraLarge: 32 },
  spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 16 },
  separator: { lineThickness: 1, lineColor: "var(--line)" },
  imageSizes: { small: 32, medium: 52, large: 100 },
  containerStyles: Object.fromEntries(STYLES.map((name) => [name, containerStyle(name)])),
  actions: {
    maxActions: 6,
    spacing: "large",
    buttonSpacing: 8,
    actionsOrientation: "horizontal",
    actionAlignment: "left",
    showCard: { actionMode: "inline", inlineTopMargin: 16, style: "emphasis" },
  },
  factSet: { title: { weight: "bolder", wrap: true, maxWidth: 150 }, value: { wrap: true }, spacing: 16 },
  textBlock: { headingLevel: 4 },
  supportsInteractivity: true,
};

/** An absolute http or https address, or null. */
function webAddress(text) {
  const url = URL.parse(text);
  return url && ["http:", "https:"].includes(url.protocol) ? url.href : null;
}

function open(action) {
  const address = action instanceof AdaptiveCards.OpenUrlAction && webAddress(action.url);
  if (address) window.open(address, "_blank", "noopener,noreferrer");
}

function disarm(element) {
  for (const anchor of element.querySelectorAll("a")) {
    if (!webAddress(anchor.getAttribute("href") ?? "")) anchor.removeAttribute("href");
    anchor.rel = "noopener noreferrer";
  }
  for (const button of element.querySelectorAll("button[title]")) {
    if (button.title === button.textContent) button.removeAttribute("title");
  }
}

/** The card, drawn. Throws if the library cannot make anything of it. */
export function draw(json) {
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = new AdaptiveCards.HostConfig(HOST);
  card.onExecuteAction = open;
  card.parse(json, new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5));
  const element = card.render();
  if (!element || card.getItemCount() + card.getActionCount() === 0) throw new Error("nothing in it is known to Teams");
  disarm(element);
  return element;
}

/** Teams keeps a card narrow unless it asks for the width of the channel. */
export function wantsFullWidth(json) {
  return String(json?.msteams?.width).toLowerCase() === "full";
}

/** The first text of a card, which is what a notification shows; empty if there is none. */
export function firstText(json) {
  if (Array.isArray(json)) return json.map(firstText).find(Boolean) ?? "";
  if (typeof json !== "object" || json === null) return "";
  if (typeof json.text === "string" && json.text) return json.text.slice(0, 200);
  return firstText([json.body, json.items, json.columns, json.inlines]);
}
