// esbuild bundles style sheets that modules import; those of the embedded button it gives as text.
declare module "*.css";
declare module "*/follow-button.css" {
  const style: string;
  export default style;
}
