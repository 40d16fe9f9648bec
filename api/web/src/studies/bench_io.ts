/** Cornerstone3D, set up once for the page: its engine, the loaders, the tools that measure. Loaded when studies are opened. */

import { cache, Enums, getConfiguration, init as initCore, RenderingEngine } from "@cornerstonejs/core";
import { init as initLoader } from "@cornerstonejs/dicom-image-loader";
import {
  addTool, AngleTool, EllipticalROITool, Enums as ToolEnums, init as initTools, LengthTool, PanTool, RectangleROITool,
  StackScrollTool, ToolGroupManager, WindowLevelTool, ZoomTool,
} from "@cornerstonejs/tools";

import type { Client } from "../api/client_io";
import { FrameSource } from "./frames_io";

const CACHE_BYTES = 256 << 20; // decoded pictures: some 280 frames of 640×480 RGB
const GROUP = "studies";
const ENGINE = "studies";

export const TOOLS = ["scroll", "window", "zoom", "pan", "length", "angle", "rectangle", "ellipse"] as const;
export type ToolName = (typeof TOOLS)[number];
export const MEASURES: ReadonlySet<string> = new Set(["length", "angle", "rectangle", "ellipse"]);

const CLASSES = {
  scroll: StackScrollTool, window: WindowLevelTool, zoom: ZoomTool, pan: PanTool, length: LengthTool, angle: AngleTool,
  rectangle: RectangleROITool, ellipse: EllipticalROITool,
} as const;

export class Bench {
  readonly frames: FrameSource;
  readonly engine: RenderingEngine;
  private readonly group;
  private users = 0;

  constructor(api: Client) {
    initCore({ ...getConfiguration(), rendering: { ...getConfiguration().rendering, webGlContextCount: 1 } });
    initTools();
    initLoader({ maxWebWorkers: 1 });
    cache.setMaxCacheSize(CACHE_BYTES);
    this.frames = new FrameSource(api);
    this.engine = new RenderingEngine(ENGINE);
    const group = ToolGroupManager.createToolGroup(GROUP);
    if (!group) throw new Error("the tools are there already");
    this.group = group;
    for (const tool of Object.values(CLASSES)) {
      addTool(tool);
      group.addTool(tool.toolName);
    }
  }

  /** Take a viewport up: its tools and its place in the engine. */
  enter(id: string, element: HTMLDivElement): void {
    this.engine.enableElement({ viewportId: id, element, type: Enums.ViewportType.STACK, defaultOptions: { background: [0, 0, 0] } });
    this.group.addViewport(id, ENGINE);
    this.users += 1;
    if (this.users === 1) this.use("scroll");
  }

  leave(id: string): void {
    this.users -= 1;
    this.group.removeViewports(ENGINE, id);
    this.engine.disableElement(id);
  }

  /** Choose what the main button, or a finger, does. The wheel scrolls, two fingers zoom, the middle button pans. */
  use(name: ToolName): void {
    const { MouseBindings } = ToolEnums;
    for (const tool of Object.values(CLASSES)) this.group.setToolPassive(tool.toolName, { removeAllBindings: true });
    const bindings: Record<string, object[]> = {
      [StackScrollTool.toolName]: [{ mouseButton: MouseBindings.Wheel }],
      [PanTool.toolName]: [{ mouseButton: MouseBindings.Auxiliary }],
      [ZoomTool.toolName]: [{ mouseButton: MouseBindings.Secondary }, { numTouchPoints: 2 }],
    };
    const main = CLASSES[name].toolName;
    bindings[main] = [...(bindings[main] ?? []), { mouseButton: MouseBindings.Primary }];
    for (const [tool, of] of Object.entries(bindings)) this.group.setToolActive(tool, { bindings: of });
  }
}

let made: Bench | null = null;

/** The page's one bench: Cornerstone keeps its state for the whole page. */
export function bench(api: Client): Bench {
  made ??= new Bench(api);
  return made;
}
